import { formatRows } from '../certificates/format-description.ts'
import type { Row } from '../certificates/format-description.ts'
import type { JudgementDescription, RejectedPathDescription } from './describe-judgement.ts'

/** A judgement for people: what was decided, on what grounds, and what to do about it. */
export function formatJudgement(target: string, judged: JudgementDescription): string {
  const { outcome, faults, rejectedPaths, warnings } = judged
  const reasons = outcome === 'accepted' ? '' : `, ${count(faults.length, 'reason')}`
  return [
    `${target}: ${outcome}${reasons}`,
    '',
    ...formatRows(rowsOf(judged), '  '),
    ...warnings.map(({ text }) => `  warning: ${text}`),
    ...faults.flatMap(({ code, name, what, why, fix }) => [
      '',
      `  ${code} ${name}`,
      ...formatRows(
        [
          ['what', what],
          ['why', why],
          ['fix', fix],
        ],
        '    ',
      ),
    ]),
    ...(outcome === 'accepted' ? [] : rejectedPaths.flatMap(rejectedLines)),
  ].join('\n')
}

function rowsOf(judged: JudgementDescription): readonly Row[] {
  const { purpose, serverName, at, path, anchor, outcome, validUntil, validity } = judged
  return [
    ['as', serverName === null ? purpose : `${purpose} "${serverName}"`],
    ['at', at],
    ...(outcome === 'accepted'
      ? [
          ...path.map(({ subject }, index): Row => [index === 0 ? 'path' : '', subject]),
          ['anchor', anchorText(anchor)] as const,
          ['until', `${validUntil ?? ''}, ${validity ?? ''}`] as const,
        ]
      : []),
  ]
}

function anchorText(anchor: JudgementDescription['anchor']): string {
  if (anchor === null) return 'none'
  return anchor.kind === 'pinned' ? 'the certificate itself, pinned' : anchor.subject
}

function rejectedLines(
  { path, anchored, faults }: RejectedPathDescription,
  index: number,
): readonly string[] {
  const end = anchored ? ', which is trusted' : ''
  return [
    '',
    `  rejected path ${index + 1}: ${path.map(({ subject }) => `"${subject}"`).join(', issued by ')}${end}`,
    ...faults.map(
      ({ code, name, subject, found }) => `    ${code} ${name}: "${subject}", ${found}`,
    ),
  ]
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
