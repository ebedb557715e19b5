/**
 * Nothing in the page that Firefox or Safari lack, by name. Preact moves elements with `moveBefore` only where there is one.
 */
import { expect, test } from "bun:test"
import { gunzipSync } from "node:zlib"
import { buildPage } from "../../../build/page.ts"
import { conversationStyle } from "../../../src/view/render/style.ts"

const scripts = [
  ...["trustedTypes", "TrustedHTML", "navigator.userAgentData", "showOpenFilePicker", "showSaveFilePicker"],
  ...["showDirectoryPicker", "launchQueue", "EyeDropper", "IdleDetector", "navigator.usb", "navigator.hid"],
  ...["navigator.serial", "navigator.bluetooth", "navigator.connection", "navigator.deviceMemory"],
  ...["scheduler.yield", "queryLocalFonts", "documentPictureInPicture", "webkitSpeechRecognition"],
  ...[
    "scrollIntoViewIfNeeded",
    "requestIdleCallback",
    "performance.memory",
    "chrome.",
    "beforeinstallprompt",
  ],
  ...["PressureObserver", "CloseWatcher", "storageBuckets", "fetchLater", "WebTransport"],
  ...["navigator.share", "Notification", "SharedWorker", "cookieStore"],
]
const styles = [
  ...["interpolate-size", "calc-size", "field-sizing", "text-box-trim", "anchor-name", "position-try"],
  ...["animation-timeline", "scroll-timeline", "view-transition", "::-webkit-", "-webkit-", "-moz-", "zoom:"],
  ...["@scope", "@function", "if(", "corner-shape", "reading-flow", "sibling-index", "scroll-marker"],
  ...["corner-", "masonry", "text-wrap:pretty", "app-region", "::details-content", "hyphenate-limit"],
]

async function parts(): Promise<{ script: string; style: string }> {
  const html = gunzipSync(Buffer.from(await buildPage(), "base64")).toString("utf8")
  const [, style = ""] = /<style[^>]*>([\s\S]*?)<\/style>/.exec(html) ?? []
  const [, script = ""] = /<script[^>]*>([\s\S]*?)<\/script>/.exec(html) ?? []
  return { script, style }
}

test("the page uses no script and no style that only Chromium has", async () => {
  const { script, style } = await parts()
  expect([script.length > 20_000, style.length > 3000]).toEqual([true, true])
  expect(scripts.filter((name) => script.includes(name))).toEqual([])
  expect(styles.filter((name) => style.includes(name))).toEqual([])
})

test("neither do files", () => {
  expect(styles.filter((name) => conversationStyle.includes(name))).toEqual([])
})
