/** What bounds the memory that one line takes. Characters are those of JavaScript, two for a sign beyond the first plane. */
export const limits = {
  /** A line of more bytes is kept in a file while it is read. */
  lineBytes: 1 << 19,
  /** In such a line, a string of more bytes is not held as a whole, */
  stringBytes: 8 << 10,
  /** only so many bytes of its beginning. */
  headBytes: 2100,
  /** All that is left may have so many bytes, */
  outlineBytes: 2 << 20,
  /** and so many values. */
  outlineValues: 100_000,
  /** So many bytes are read at a time. */
  chunkBytes: 256 << 10,
  /** A text of more characters goes into several rows, */
  textChars: 1 << 20,
  /** each of so many, */
  rowChars: 1 << 19,
  /** and so many of the row before are searched with them: a phrase may begin in one and end in the next. */
  overlapChars: 1000,
  /** So many characters of a text are handed out, with a word of what is left out. */
  shownChars: 64 << 20,
  /** Of texts of more characters, */
  heavyChars: 1 << 17,
  /** after so many nothing is held any more that was made of them. */
  heavyTotalChars: 1 << 21,
}
