import { leavesOf, type Part, runsThisProgram } from "session-rescue"
import { wordsOf } from "../records/json-strings.ts"

type Fields = Readonly<Record<string, unknown>>

/** Added by the user: mentioned files, folders, pages and selections, and pasted content. */
const userTypes = new Set([
  ...["file", "directory", "pdf_reference", "mcp_resource", "already_read_file", "compact_file_reference"],
  ...["at_mention_reference", "selected_lines_in_ide", "selected_lines_in_diff", "opened_file_in_ide"],
  ...["agent_mention", "peer_mention", "skill_mention", "pasted_text", "inlined_image_paths"],
])
/** Added by programs: language servers, changed files, background tasks, other agents, the user's hooks. */
const toolTypes = new Set([
  ...["diagnostics", "edited_text_file", "edited_image_file", "task_status", "teammate_mailbox"],
  ...["async_hook_response", "async_hook_response_batch", "hook_success", "hook_additional_context"],
  ...["hook_blocking_error", "hook_non_blocking_error", "hook_error_during_execution"],
  ...["hook_stopped_continuation", "hook_system_message"],
])
/** Written by the model. */
const modelTypes = new Set(["plan_file_reference", "structured_output"])

/**
 * The client's own attachment types, as listed in 2.1.332's binary, and those of older clients. Unknown types
 * count as the client's own too, and are reported by name.
 */
const clientTypes = new Set([
  ...["account_memory_recall", "advisor_stripped", "advisor_tool", "agent_ask_notice", "agent_listing_delta"],
  ...["artifact_opening_prefetch", "attention_budget", "auto_mode", "auto_mode_exit", "date", "date_change"],
  ...["bash_output_audience_note", "batching_reminder", "batching_reminder_sent", "budget_usd", "model"],
  ...[
    "claude_app_notice",
    "command_permissions",
    "companion_intro",
    "context_efficiency",
    "context_sections",
  ],
  ...["coordinator_context", "cowork_memory_context", "credential_org", "critical_system_reminder"],
  ...["deferred_tools_delta", "deferred_tools_record", "dynamic_skill", "elapsed_time_reminder"],
  ...["environment", "first_week", "fork_briefing", "goal_status", "goals", "hook_cancelled"],
  ...["hook_deferred_tool", "hook_permission_decision", "hook_plugin_listing", "instructions"],
  ...[
    "invoked_skills",
    "language",
    "linked_plugin_tools_note",
    "max_turns_reached",
    "mcp_dropped_tools_delta",
  ],
  ...["mcp_instructions_delta", "memory_update", "message_pdf_reads", "nested_memory", "output_limit_note"],
  ...["output_style", "output_style_instructions", "output_token_usage", "plan_mode", "plan_mode_exit"],
  ...["plan_mode_reentry", "plugin_note", "poll_events", "prefix_delta", "proactivity", "project_doc_reads"],
  ...["progress_reminder_sent", "projects_thread_ask", "prompt_as_file", "prompt_render_point"],
  ...["prompt_snapshot", "read_truncation_notice", "relevant_memories", "remote_session_change"],
  ...["repl_mcp_needs_auth", "repl_mcp_servers", "sandbox_instructions", "secondary_reminder"],
  ...["secondary_reminder_sent", "session_context", "session_cron_carry", "silent_turn_reminder"],
  ...["skill_listing", "task_reminder", "team_context", "teammate_shutdown_batch", "thinking_drop"],
  ...["thinking_stripped", "thread_state", "todo", "todo_reminder", "token_usage", "tool_host_result_lines"],
  ...["tool_hosts_correction", "tool_hosts_notice", "tool_offer_record", "tool_results_cut"],
  ...["tool_search_usage_reminder", "total_tokens_reminder", "ultra_effort_enter", "ultra_effort_exit"],
  ...["ultra_memory", "ultrathink_effort", "unknown_command_fallback", "verify_plan_reminder"],
  ...["whole_texts_withdrawn", "widget_context_hint", "withheld_memory", "workflow_keyword_request"],
  ...["workflow_size_guideline_change", "queued_command"],
])

/** The speaker of an attachment of that type. */
function roleOfAttachment(type: unknown): Part["role"] {
  if (typeof type !== "string") return "system"
  if (userTypes.has(type)) return "user"
  if (toolTypes.has(type)) return "tool"
  return modelTypes.has(type) ? "assistant" : "system"
}

export function isKnownAttachment(type: unknown): boolean {
  return typeof type === "string" && (roleOfAttachment(type) !== "system" || clientTypes.has(type))
}

/**
 * The text of an attachment. The client's own texts repeat in every session, so each is a part of its own.
 */
export function attachedParts(attachment: Fields): Part[] {
  const { type, ...rest } = attachment
  const role = roleOfAttachment(type)
  if (role === "system") return systemParts(leavesOf(rest))
  const words = wordsOf(rest)
  if (words.length === 0) return []
  const { command } = attachment
  const ours = role === "tool" && typeof command === "string" && runsThisProgram(command)
  return [{ kind: "attachment", role, text: words.join("\n"), ...(ours ? { bySessionRescue: true } : {}) }]
}

/** Long enough to be recognized as a repeated text. */
const minStandaloneLength = 200

export function systemParts(words: readonly string[]): Part[] {
  const short = words.filter((each) => each.length < minStandaloneLength)
  const texts = [
    ...words.filter((each) => each.length >= minStandaloneLength),
    ...(short.length > 0 ? [short.join("\n")] : []),
  ]
  return texts.map((text) => ({ kind: "attachment", role: "system", text }))
}
