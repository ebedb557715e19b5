import type { PromptStreams, PromptTerminal } from "./prompts.ts"

/**
 * clack's question with two answers, drawn by ourselves: the chosen answer shows without colours too, and a cancelled
 * question says so instead of showing an answer that nobody gave.
 */
export async function askConfirm(
  message: string,
  [yes, no]: readonly [yes: string, no: string],
  { paint }: PromptTerminal,
  streams: PromptStreams,
): Promise<boolean | symbol> {
  const { ConfirmPrompt } = await import("@clack/core")
  const { symbol } = await import("@clack/prompts")
  const prompt = new ConfirmPrompt({
    active: yes,
    inactive: no,
    initialValue: false,
    ...streams,
    render() {
      const bar = this.state === "submit" || this.state === "cancel" ? paint.dim("│") : paint.cyan("│")
      const [first = "", ...more] = message.split("\n")
      const head = [
        paint.dim("│"),
        `${symbol(this.state)}  ${first}`,
        ...more.map((line) => `${bar}  ${line}`),
      ]
      if (this.state === "cancel") return [...head, `${bar}  ${paint.dim("cancelled")}`].join("\n")
      if (this.state === "submit") return [...head, `${bar}  ${paint.dim(this.value ? yes : no)}`].join("\n")
      const answer = (chosen: boolean, text: string) =>
        chosen ? `${paint.green("●")} ${text}` : `${paint.dim("○")} ${paint.dim(text)}`
      const answers = `${answer(this.value === true, yes)} / ${answer(this.value !== true, no)}`
      return [...head, `${bar}  ${answers}`, paint.cyan("└")].join("\n")
    },
  })
  return (await prompt.prompt()) as boolean | symbol
}
