/** What the model of an agent is called where its words are shown. */
export function speakerName(agent: string): string {
  return agent === "claude-code" ? "claude" : agent
}

/** Whether a typed name is this agent's: `claude` means `claude-code`. */
export function isAgent(typed: string, agent: string): boolean {
  return agent === typed || agent.split("-")[0] === typed
}
