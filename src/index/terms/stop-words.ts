const list = `a about after again all also am an and any are as at be because been before being both but by can could did
  do does doing done down each either for from get got had has have having he her here him his how i if in into is it its
  just let me might my no nor not now of off on once only or other our out over please s she should so some such t than
  that the their them then there these they this those through to too under until up us very was we were what when where
  which while who whom whose why will with would you your`

const words: ReadonlySet<string> = new Set(list.split(/\s+/))

/** Whether a word is grammar of an English question and says nothing about its subject. */
export function isStopWord(word: string): boolean {
  return words.has(word)
}
