import { definePlugin } from "session-rescue"

/** Everything that was said in an export goes into the index, where `cxq` finds it. */
export default definePlugin({
  name: "context-extractor",
  stage: "post-process",
  on: "cx",
  order: "pre",
  run: (exported, ctx) => ctx.index(exported),
})
