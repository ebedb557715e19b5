/** A call of this program that asks what was said, whatever shell line it stands in. */
const call = /(?:^|[\s;&|('"`/])session-rescue[\w.-]*['"]?\s+(?:-\S+\s+)*cxq\b/
/** The client's command that asks, as it was typed or as the client writes it down. */
const command = /^\s*\/cxq\b|<command-name>\/?cxq<\/command-name>/
const maxQuestionChars = 4000

/**
 * Whether a text only asks for what was said: the question holds all of its own words, and would be found before any
 * answer to it. `isCall`: it is what a tool was called with.
 */
export function isQuestion(text: string, isCall: boolean): boolean {
  if (text.length > maxQuestionChars) return false
  return isCall ? call.test(text) : command.test(text)
}
