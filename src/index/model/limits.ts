/** What bounds the memory that one line takes. Characters are those of JavaScript, two for a sign beyond the first plane. */
export const measures = {
  /** A line of more bytes is kept in a file while it is read. */
  line: 1 << 19,
  /** In such a line, a string of more bytes is not held as a whole, */
  string: 8 << 10,
  /** only so many bytes of its beginning. */
  head: 2100,
  /** All that is left may have so many bytes, */
  skeleton: 2 << 20,
  /** and so many values. */
  values: 100_000,
  /** So many bytes are read at a time. */
  piece: 256 << 10,
  /** A text of more characters goes into several rows, */
  text: 1 << 20,
  /** each of so many, */
  stretch: 1 << 19,
  /** and so many of the row before are searched with them: a phrase may begin in one and end in the next. */
  overlap: 1000,
  /** So many characters of a text are handed out, with a word of what is left out. */
  shown: 64 << 20,
  /** Of texts of more characters, */
  heavy: 1 << 17,
  /** after so many nothing is held any more that was made of them. */
  held: 1 << 21,
}
