import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { golden } from '../../test/fixtures.ts'
import { damagedCopies, parsedOrRefused } from '../../test/hostile.ts'
import { describeLabels, encodePem, looksLikePem, parsePem } from './pem.ts'

const malformed = (line: number): object => ({
  code: 'HF-X102',
  reason: 'pem-malformed',
  details: { line },
})
const block = encodePem('CERTIFICATE', Buffer.from('some bytes'))
const lines = (...text: readonly string[]): string => text.join('\n')

describe('parsePem()', () => {
  it('reads what encodePem() writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const [read, ...more] = parsePem(encodePem('X Y', bytes))
        assert.deepEqual([...(read?.der ?? [])], [...bytes])
        assert.equal(read?.label, 'X Y')
        assert.equal(more.length, 0)
      }),
    )
  })

  it('reads every form of one certificate that openssl and editors make', () => {
    const der = golden('forms/plain.der')
    for (const file of ['plain', 'crlf', 'bom', 'bom-crlf', 'with-text']) {
      const blocks = parsePem(golden(`forms/${file}.crt`).toString())
      assert.equal(blocks.length, 1, file)
      assert.deepEqual(Buffer.from(blocks[0]?.der ?? []), der, file)
    }
  })

  it('reads blocks between the attributes of a PKCS#12 export', () => {
    const blocks = parsePem(golden('forms/pkcs12-to-pem.pem').toString())
    assert.deepEqual(blocks.map(({ label }) => label).toSorted(), ['CERTIFICATE', 'PRIVATE KEY'])
  })

  it('says where each block begins, and keeps its text', () => {
    const [first, second] = parsePem(`comment\r\n${block}\n\n${block.replaceAll('\n', '\r\n')}`)
    assert.equal(first?.line, 2)
    assert.equal(second?.line, 7)
    assert.equal(second?.text, block)
  })

  it('reads the headers of the traditional encrypted form', () => {
    const [key] = parsePem(golden('keys/rsa-2048-pkcs1-encrypted.pem').toString())
    assert.equal(key?.headers['Proc-Type'], '4,ENCRYPTED')
    assert.match(key?.headers['DEK-Info'] ?? '', /^AES-256-CBC,/)
    const [spaced] = parsePem(
      lines('-----BEGIN A-----', 'Proc-Type: 4,ENCRYPTED \t', '', 'AAAA', '-----END A-----'),
    )
    assert.equal(spaced?.headers['Proc-Type'], '4,ENCRYPTED')
  })

  it('finds nothing in text without blocks', () => {
    assert.deepEqual(parsePem('no certificate - here ---\n'), [])
    assert.deepEqual(parsePem(''), [])
  })

  it('refuses files that were joined without a newline', () => {
    const text = golden('forms/refused-no-newline-between.crt').toString()
    const line =
      text.split('\n').findIndex((part) => part.includes('-----END') && part.includes('BEGIN')) + 1
    assert.throws(() => parsePem(text), malformed(line))
  })

  const refused: readonly (readonly [string, number, string])[] = [
    ['a block without END', 1, lines('-----BEGIN A-----', 'AAAA', '')],
    ['END of another label', 3, lines('-----BEGIN A-----', 'AAAA', '-----END B-----')],
    ['a second BEGIN inside', 3, lines('-----BEGIN A-----', 'AAAA', '-----BEGIN A-----')],
    ['END without BEGIN', 2, lines('', '-----END A-----')],
    ['text before BEGIN on its line', 1, lines('x-----BEGIN A-----', 'AAAA', '-----END A-----')],
    ['text behind BEGIN on its line', 1, lines('-----BEGIN A----- x', 'AAAA', '-----END A-----')],
    ['four dashes', 1, lines('----BEGIN A-----', 'AAAA', '-----END A-----')],
    ['a lower-case label', 1, lines('-----BEGIN a-----', 'AAAA', '-----END a-----')],
    ['an endless label', 1, lines(`-----BEGIN ${'A'.repeat(65)}-----`, 'AAAA')],
    [
      'a character that is not base64',
      3,
      lines('-----BEGIN A-----', 'AAAA', 'AA-A', '-----END A-----'),
    ],
    ['base64 of URLs', 2, lines('-----BEGIN A-----', 'AA_A', '-----END A-----')],
    ['a space inside a line', 2, lines('-----BEGIN A-----', 'AA AA', '-----END A-----')],
    ['no body', 1, lines('-----BEGIN A-----', '-----END A-----')],
    ['base64 cut off', 1, lines('-----BEGIN A-----', 'AAAAA', '-----END A-----')],
    ['padding in the middle', 1, lines('-----BEGIN A-----', 'AA==', 'AAAA', '-----END A-----')],
    ['padding without need', 1, lines('-----BEGIN A-----', 'AAAA==', '==', '-----END A-----')],
    ['bits that no octet holds', 1, lines('-----BEGIN A-----', 'AB==', '-----END A-----')],
  ]
  for (const [what, line, text] of refused) {
    it(`refuses ${what}, naming line ${line}`, () => {
      assert.throws(() => parsePem(text), malformed(line))
    })
  }

  it('refuses more than 16 MiB', () => {
    assert.throws(() => parsePem(' '.repeat(16 * 1024 * 1024 + 1)), malformed(1))
  })

  it('refuses more than 20,000 blocks', () => {
    const tiny = '-----BEGIN A-----\nAAAA\n-----END A-----\n'
    assert.equal(parsePem(tiny.repeat(20_000)).length, 20_000)
    assert.throws(() => parsePem(tiny.repeat(20_001)), malformed(60_001))
  })

  it('does not take long over a hostile line', () => {
    const started = performance.now()
    for (const unit of ['-----END A-----', '-----BEGIN ', '-----END ', 'A ', '=', ' ']) {
      const line = unit.repeat(200_000)
      parsedOrRefused(() => parsePem(line))
      parsedOrRefused(() => parsePem(`-----BEGIN A-----\n${line}\n-----END A-----`))
    }
    assert.ok(performance.now() - started < 2000)
  })

  it('meets damaged files with its own error', () => {
    const file = golden('forms/plain.crt')
    for (const copy of damagedCopies(file.subarray(-200))) {
      parsedOrRefused(() => parsePem(Buffer.from(copy).toString('latin1')))
    }
    for (const copy of damagedCopies(file.subarray(0, 120))) {
      parsedOrRefused(() =>
        parsePem(`${Buffer.from(copy).toString('latin1')}${file.subarray(120).toString()}`),
      )
    }
  })
})

describe('looksLikePem()', () => {
  it('finds a block behind text, and none in DER', () => {
    assert.equal(looksLikePem(Buffer.from(`text\n${block}`)), true)
    assert.equal(looksLikePem(golden('forms/plain.der')), false)
  })
})

describe('describeLabels()', () => {
  it('names each label once, and five at most', () => {
    assert.equal(describeLabels([]), 'no PEM at all')
    assert.equal(describeLabels(parsePem(block + block)), 'only "CERTIFICATE"')
    const many = Array.from({ length: 7 }, (_, index) => encodePem(`L${index}`, Uint8Array.of(1)))
    assert.equal(describeLabels(parsePem(many.join(''))), 'only "L0", "L1", "L2", "L3", "L4", …')
  })
})
