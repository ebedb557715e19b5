/** Whether a typed name is this agent's: `claude` means `claude-code`. */
export function isAgent(typed: string, agent: string): boolean {
  return agent === typed || agent.split("-")[0] === typed
}
