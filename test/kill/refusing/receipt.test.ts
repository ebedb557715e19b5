import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, lstatSync, rmSync, writeFileSync } from "node:fs"
import type { ExportResult } from "../../../src/domain/export/export.ts"
import { issueReceipt, type Receipt, reasonNotCovered, recordProof } from "../../../src/rescue/receipt.ts"
import { terminate } from "../../../src/rescue/terminate/terminate.ts"
import type { ProcessHandle } from "../../../src/system/process/process-handle.ts"
import { pid } from "../../fixtures/session.ts"
import { SaveHarness } from "../../unit/rescue/save-harness.ts"

let harness: SaveHarness
beforeEach(() => {
  harness = new SaveHarness()
})
afterEach(() => harness.dispose())

const holder = { pid: pid(4711), startMark: "100" }
const nothing: ExportResult = {
  id: null,
  status: "empty",
  path: null,
  manifest: null,
  bytes: 0,
  files: 0,
  sha256: null,
  md5: null,
}

/** A process that never ends and tells what it was sent. */
function stone(identity = holder) {
  const sent: string[] = []
  const held: ProcessHandle = {
    identity,
    raceFree: true,
    hasExited: async () => sent.includes("SIGTERM"),
    async signal(name) {
      sent.push(name)
      return "sent"
    },
    release() {},
  }
  return { held, sent }
}

async function ending(
  receipt: Receipt,
  footprint: string[] | null,
  identity = holder,
  calledOff = false,
): Promise<unknown[]> {
  const { held, sent } = stone(identity)
  const { outcome } = await terminate(held, receipt, {
    graceMs: 1000,
    stop: null,
    isSuspended: async () => false,
    footprint: async () => footprint,
    isCancelled: () => calledOff,
    onTerm() {},
    onWait() {},
    async beforeKill() {},
  })
  return [outcome, sent]
}

async function receiptOf(...results: ExportResult[]): Promise<Receipt> {
  const receipt = issueReceipt(holder, results.length > 0 ? results : [await harness.save()], [
    harness.transcript,
  ])
  if (receipt === null) throw new Error("no receipt")
  return receipt
}

const refused = ["not-covered", []]

test("with the receipt for all there is, the process is signalled", async () => {
  expect(await ending(await receiptOf(), [harness.transcript])).toEqual(["ended", ["SIGTERM"]])
})

test("an earlier export that was compared again is as good", async () => {
  await harness.save()
  const again = await harness.save()
  expect(again.status).toBe("unchanged")
  expect(await ending(await receiptOf(again), [harness.transcript])).toEqual(["ended", ["SIGTERM"]])
})

test("a receipt that looks the same but was made up opens nothing", async () => {
  const forged = { ...(await receiptOf()) } as Receipt
  expect(await ending(forged, [harness.transcript])).toEqual(refused)
})

test("a receipt for another process, or for an earlier one of that number, opens nothing", async () => {
  const receipt = await receiptOf()
  expect(await ending(receipt, [harness.transcript], { ...holder, pid: pid(4712) })).toEqual(refused)
  expect(await ending(receipt, [harness.transcript], { ...holder, startMark: "101" })).toEqual(refused)
})

test("a receipt for an earlier length opens nothing", async () => {
  const receipt = await receiptOf()
  appendFileSync(harness.transcript, "four\n")
  expect(reasonNotCovered(receipt, holder, [harness.transcript])).toBe("it has written since the export")
  expect(await ending(receipt, [harness.transcript])).toEqual(refused)
})

test("a receipt for what a file held before it was rewritten at the same length opens nothing", async () => {
  const receipt = await receiptOf()
  writeFileSync(harness.transcript, "one\ntwo\nTHREE\n")
  expect(await ending(receipt, [harness.transcript])).toEqual(refused)
})

test("a receipt for another file at the same place opens nothing", async () => {
  const receipt = await receiptOf()
  rmSync(harness.transcript)
  harness.write("held", "")
  harness.write(`${harness.id}.jsonl`, "one\ntwo\nthree\n")
  expect(await ending(receipt, [harness.transcript])).toEqual(refused)
})

test("nor does one for another file that differs by its number alone, or by its disk", async () => {
  const result = await harness.save()
  const {
    dev: device,
    ino: inode,
    size,
    ctimeNs: changedAt,
  } = lstatSync(harness.transcript, { bigint: true })
  const file = { source: harness.transcript, length: Number(size), device, inode, changedAt }
  for (const other of [{ inode: inode + 1n }, { device: device + 1n }])
    expect(
      await ending(await receiptOf(recordProof({ ...result }, [{ ...file, ...other }])), [
        harness.transcript,
      ]),
    ).toEqual(refused)
})

test("a receipt opens nothing when another file has appeared, or the session is gone from sight", async () => {
  const receipt = await receiptOf()
  expect(await ending(receipt, [harness.transcript, harness.write("more", "")])).toEqual(refused)
  expect(await ending(receipt, null)).toEqual(refused)
})

test("a file that is gone has nothing left to lose", async () => {
  const receipt = await receiptOf()
  rmSync(harness.transcript)
  expect(await ending(receipt, [])).toEqual(["ended", ["SIGTERM"]])
})

test("called off in the last moment, nothing is signalled", async () => {
  expect(await ending(await receiptOf(), [harness.transcript], holder, true)).toEqual(["called-off", []])
})

test("an export that may not survive a power cut gives no receipt, though the saver made it", async () => {
  const result = await harness.save()
  const {
    dev: device,
    ino: inode,
    size,
    ctimeNs: changedAt,
  } = lstatSync(harness.transcript, { bigint: true })
  const file = { source: harness.transcript, length: Number(size), device, inode, changedAt }
  expect(issueReceipt(holder, [recordProof({ ...result }, [file])], [harness.transcript])).not.toBeNull()
  const unconfirmed = recordProof({ ...result, status: "unconfirmed" }, [file])
  expect(issueReceipt(holder, [unconfirmed], [harness.transcript])).toBeNull()
})

test("a result that the saver did not make gives no receipt, however true it looks", async () => {
  const result = await harness.save()
  expect(issueReceipt(holder, [{ ...result }], [harness.transcript])).toBeNull()
  expect(issueReceipt(holder, [result, { ...result }], [harness.transcript])).toBeNull()
})

test("a result for other files gives no receipt", async () => {
  const result = await harness.save()
  expect(issueReceipt(holder, [result], [harness.transcript, `${harness.home}/other`])).toBeNull()
})

test("nothing on disk is a receipt of its own kind, and only while that is so", async () => {
  expect(issueReceipt(holder, [nothing], [harness.transcript])).toBeNull()
  const receipt = issueReceipt(holder, [nothing], [])
  if (receipt === null) throw new Error("no receipt")
  expect(await ending(receipt, [harness.transcript])).toEqual(refused)
  expect(await ending(receipt, [])).toEqual(["ended", ["SIGTERM"]])
})
