import { exitCodes, RescueError } from "../../domain/errors.ts"
import { diffTranscripts } from "../../operations/diff/diff.ts"
import { openExportOf, openSubject } from "../../operations/repair/subject.ts"
import { diffDocument, showDiff } from "../../view/diff/diff.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

const maxShown = 20

export default command(
  "diff",
  "Show which records differ between two exports, or a session and its export",
  {
    transcripts: {
      type: "positional",
      required: false,
      description: "Two of: id of a session, file of an export, transcript; one: a session and its export",
    },
    all: { type: "boolean", description: "List every record that differs" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue diff 01e5af14", "session-rescue diff ./before.jsonl ./after.jsonl --all"],
  async (parsed, signal) => {
    const [first, second, more] = parsed.names
    if (first === undefined || more !== undefined)
      throw new RescueError(
        "USAGE",
        "diff takes one or two transcripts",
        "name them: session-rescue diff A B",
      )
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const options = { paths, ctx, verb: "diff" } as const
    const one = await openSubject(first, options)
    try {
      const other =
        second === undefined ? await openExportOf(one, options) : await openSubject(second, options)
      try {
        const report = diffTranscripts(one, other)
        if (json) out.print(JSON.stringify(diffDocument(report, warnings), null, 2))
        else {
          showWarnings(warnings, out)
          showDiff(report, { home: paths.home, limit: parsed.flags.has("all") ? null : maxShown }, out)
        }
        return exitCodes.done
      } finally {
        other.file.close()
      }
    } finally {
      one.file.close()
    }
  },
)
