import { KiB, MiB } from "../../domain/bytes.ts"

/** Memory bounds for one line. Characters are UTF-16 units. Mutable only so that tests can shrink them. */
export const limits = {
  /** Longer lines are kept in a scratch file while they are read. */
  lineBytes: 1 << 19,
  /** In such a line, longer strings are replaced by a placeholder. */
  stringBytes: 8 * KiB,
  /** Bytes of the string's beginning that the placeholder keeps. */
  headBytes: 2100,
  /** Maximum size of a record once its long strings are replaced; its largest arrays and objects are folded. */
  outlineBytes: 2 * MiB,
  /** Maximum number of values in it. */
  outlineValues: 100_000,
  /** Bytes read at a time. */
  chunkBytes: 256 * KiB,
  /** Longer texts are stored in several rows. */
  textChars: MiB,
  /** Characters of each such row. */
  rowChars: 1 << 19,
  /** Characters of the previous row that are indexed with a row, so that phrases across the cut are found. */
  overlapChars: 1000,
  /** Longer texts are cut when they are returned, with a note of the omitted length. */
  shownChars: 64 * MiB,
  /** Texts longer than this count as heavy. */
  heavyChars: 1 << 17,
  /** Force a flush and a collection after this many characters of heavy text. */
  heavyTotalChars: 1 << 21,
}
