/**
 * The types of records that are known not to hold what somebody said (2.1.332's own list of types, seen in its binary, and
 * those of older clients). The client's requests are among them: what they send stands in the conversation already.
 */
const bookkeeping = new Set([
  ...["progress", "file-history-snapshot", "file-history-delta", "last-prompt", "continued-in"],
  ...[
    "resume-head-vouch",
    "content-replacement",
    "data-flow-records",
    "data-flow-incomplete",
    "derived-from",
  ],
  ...["api-request", "api-request-shape", "api-request-blob", "api-request-resumed", "fork-context-ref"],
  ...["frame-link", "ended-by-model", "relocated", "agent-color", "agent-setting", "pr-link", "host-row"],
  ...["artifact-comment-monitor", "artifact-autoreact-ledger", "bridge-session", "history-suppression"],
  ...["attribution-snapshot", "mode", "permission-mode", "isolation-latch", "session-owner", "dev-mods"],
  ...["memory-mode", "atis-latch", "tools-used", "worktree-state", "cost-state", "observer-ref"],
  ...["repl-mode", "hybrid-organization", "queue-operation", "marble-origami-commit"],
])

export function isBookkeeping(type: unknown): boolean {
  return typeof type === "string" && bookkeeping.has(type)
}
