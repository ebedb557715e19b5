/**
 * Record types that hold no message (2.1.332's own list of types, seen in its binary, and those of older
 * clients). They include the client's requests, whose contents are already in the conversation.
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
