/** A shell command that runs a query of this program. */
const call = /(?:^|[\s;&|('"`/])session-rescue[\w.-]*['"]?\s+(?:-\S+\s+)*cxq\b/
/** The client's command for a query, as typed or as the client records it. */
const command = /^\s*\/cxq\b|<command-name>\/?cxq<\/command-name>/
const maxQuestionChars = 4000

/**
 * Whether a text only asks a question: it contains all its own words and would be found before any answer. `isCall`:
 * the text is a tool's input.
 */
export function isQuestion(text: string, isCall: boolean): boolean {
  if (text.length > maxQuestionChars) return false
  return isCall ? call.test(text) : command.test(text)
}
