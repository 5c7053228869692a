/** Something to put right, or to know. */
export interface Finding {
  /** Kebab-case and stable, for programs. */
  readonly reason: string
  /** For people. */
  readonly text: string
}
