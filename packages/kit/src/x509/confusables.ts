// Pairs of look-alike and plain character: the frequent ones of Unicode TS 39's confusables.txt. Those that differ by
// compatibility only (fullwidth forms, ligatures, mathematical letters) are NFKC's.
const pairs =
  // Cyrillic
  'аaеeоoрpсcуyхxіiѕsјjԁdһhԛqԝwӏlѵvкkгrьb' +
  'АAВBЕEНHІIЈJКKМMОOРPСCЅSТTУYХXԚQԜWӀIѴVҮY' +
  // Greek
  'αaοoνvρpιiυuκkγyτtηnχxϲcϳjωw' +
  'ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϹCͿJ' +
  // Armenian and Latin
  'օoհhոnսuɑaɡgıi' +
  // Punctuation
  '‐-‑-‒-–-—-−-‘\'’\'“"”"․.⁄/∕/꞉:'

const plain = new Map(
  Array.from(pairs.matchAll(/(.)(.)/gu), ([, alike = '', character = '']) => [alike, character]),
)

/** The text in the plain characters that it looks like. Case is kept: `В` looks like `B`, and `в` like nothing. */
export function withoutConfusables(text: string): string {
  // One by one: NFKC of the whole would also join letters and their accents, which is no look-alike.
  return Array.from(text, (character) => plain.get(character) ?? character.normalize('NFKC')).join(
    '',
  )
}

const scripts = [
  { name: 'Latin', of: /\p{Script=Latin}/u },
  { name: 'Cyrillic', of: /\p{Script=Cyrillic}/u },
  { name: 'Greek', of: /\p{Script=Greek}/u },
  { name: 'Armenian', of: /\p{Script=Armenian}/u },
]

/** The scripts in a text among those that are mistaken for one another. */
export function scriptsIn(text: string): readonly string[] {
  return scripts.filter(({ of }) => of.test(text)).map(({ name }) => name)
}
