import { describe, expect, test } from "bun:test"
import { type Pid, parsePid } from "../../../src/domain/session/pid.ts"
import { readPlaces } from "../../../src/system/process/lsof-output.ts"
import {
  commandColumns,
  isAlive,
  readCommandLines,
  readCpuTime,
  readEnvironment,
  readRows,
  rowColumns,
  splitCommand,
} from "../../../src/system/process/ps-output.ts"

// Written by hand after Apple's own ps (adv_cmds, ps/print.c): no Mac has printed these lines.
const macRows = `
    1 ??       Ss     12:34.56   1001 Sat Mar  1 08:00:00 2025     launchd         
  501 ??       S    1234:05.07   1002 Sat Mar  1 08:00:41 2025     WindowServer    
 4711 ttys013  S+     0:01.23   1003 Sun Mar 30 02:30:00 2025     claude          
 4712 ttys013  R      3:59.99   1004 Sun Mar 30 02:30:01 2025     2.1.81          
 4713 ttys002  T      0:00.00   1005 Wed Dec 31 23:59:59 2025     vim             
 4714 ttys002  Z      0:00.00   1006 Wed Dec 31 23:59:59 2025     <defunct>       
 4715 ??       U      0:07.10   1007 Wed Dec 31 23:59:59 2025     mds_stores      
 4716 console  Us+    0:00.01   1008 Wed Dec 31 23:59:59 2025     Google Chrome He
99998 ttys020  SN     0:00.50   1009 Thu Jan  1 00:00:00 2026     we) ird (x      
`

// procps-ng 4.0.2 with the same columns.
const linuxRows = `
   4711 pts/3    Sl+  1-02:03:04   1010 Sun Mar 30 02:30:00 2025 claude
   4712 ?        Rs     00:00:07   1011 Sun Mar 30 02:30:01 2025 we) ird (x
   4713 -        I      00:00:00   1012 Sun Mar 30 02:30:01 2025 kworker/0:0
   4714 tty1     Z+     00:00:00   1013 Sun Mar 30 02:30:01 2025 sleep
   4715 pts/12   D      10:00:00   1014 Sun Mar 30 02:30:01 2025 cp
`

function pid(value: number): Pid {
  const checked = parsePid(value)
  if (checked === null) throw new Error(`no process id: ${value}`)
  return checked
}

describe("rows of ps", () => {
  test("a Mac's row is read column by column", () => {
    const row = readRows(macRows).get(pid(4711))
    expect(row).toEqual({
      pid: pid(4711),
      name: "claude",
      letter: "S",
      terminal: "s013" as never,
      foreground: true,
      startedAt: Date.UTC(2025, 2, 30, 2, 30, 0),
      startMark: String(Date.UTC(2025, 2, 30, 2, 30, 0) / 1000),
      cpuMs: 1230,
      memoryBytes: 1003 * 1024,
    })
  })

  test("a Linux row with days of CPU time is read too", () => {
    expect(readRows(linuxRows).get(pid(4711))).toMatchObject({
      name: "claude",
      letter: "S",
      terminal: "pts/3",
      foreground: true,
      cpuMs: (((24 + 2) * 60 + 3) * 60 + 4) * 1000,
      memoryBytes: 1010 * 1024,
    })
  })

  test("a process whose memory ps does not tell is still there", () => {
    const row = readRows(linuxRows.replace("  1010 ", "     - ")).get(pid(4711))
    expect(row).toMatchObject({ name: "claude", memoryBytes: null })
  })

  test("no line is lost, not that of process 1 either", () => {
    expect([...readRows(macRows).keys()] as number[]).toEqual([
      1, 501, 4711, 4712, 4713, 4714, 4715, 4716, 99998,
    ])
    expect([...readRows(linuxRows).keys()] as number[]).toEqual([4711, 4712, 4713, 4714, 4715])
  })

  test("?? and ? and - are no terminal", () => {
    expect(readRows(macRows).get(pid(501))?.terminal).toBeNull()
    expect(readRows(linuxRows).get(pid(4712))?.terminal).toBeNull()
    expect(readRows(linuxRows).get(pid(4713))?.terminal).toBeNull()
  })

  test("console and ttys002 are terminals", () => {
    expect(readRows(macRows).get(pid(4716))?.terminal).toBe("console" as never)
    expect(readRows(macRows).get(pid(4713))?.terminal).toBe("s002" as never)
  })

  test("states are their first letter, with a Mac's U for the D of the interface", () => {
    const letters = (text: string) =>
      Object.fromEntries([...readRows(text)].map(([id, row]) => [id, row.letter]))
    expect(letters(macRows)).toMatchObject({
      4711: "S",
      4712: "R",
      4713: "T",
      4715: "D",
      4716: "D",
      99998: "S",
    })
    expect(letters(linuxRows)).toMatchObject({ 4711: "S", 4712: "R", 4713: "I", 4715: "D" })
  })

  test("only a + means the foreground", () => {
    const front = [...readRows(macRows).values()]
      .filter((row) => row.foreground)
      .map((row) => row.pid as number)
    expect(front).toEqual([4711, 4716])
  })

  test("a zombie is told from the living", () => {
    const dead = (text: string) =>
      [...readRows(text).values()].filter((row) => !isAlive(row)).map((row) => +row.pid)
    expect(dead(macRows)).toEqual([4714])
    expect(dead(linuxRows)).toEqual([4714])
  })

  test("names keep their spaces and parentheses and lose the padding", () => {
    expect(readRows(macRows).get(pid(99998))?.name).toBe("we) ird (x")
    expect(readRows(macRows).get(pid(4716))?.name).toBe("Google Chrome He")
    expect(readRows(linuxRows).get(pid(4712))?.name).toBe("we) ird (x")
  })

  test("what is no row is passed over: headers, complaints, dates of another locale", () => {
    const strange = [
      "  PID TTY      STAT      TIME STARTED                      UCOMM",
      "ps: illegal option -- Z",
      " 4711 ttys013  S+     0:01,23   1003 Sun Mar 30 02:30:00 2025     claude",
      " 4711 ttys013  S+     0:01.23   1003 So 30 Mär 02:30:00 2025      claude",
      " 4711 ttys013  S+     0:01.23   1003 Sun Mar 30 99:30:00 2025     claude",
      "  -12 ttys013  S+     0:01.23   1003 Sun Mar 30 02:30:00 2025     claude",
    ]
    expect(readRows(strange.join("\n")).size).toBe(0)
  })

  test("every column has an option and an empty header of its own", () => {
    expect(rowColumns.join(" ")).toBe("-o pid= -o tty= -o stat= -o time= -o rss= -o lstart= -o ucomm=")
    expect(commandColumns.join(" ")).toBe("-o pid= -o stat= -o args=")
  })
})

test.each([
  ["0:01.23", 1_230],
  ["0:00.00", 0],
  ["1234:05.07", (1234 * 60 + 5) * 1000 + 70],
  ["00:07", 7_000],
  ["10:00:00", 36_000_000],
  ["1-02:03:04", 93_784_000],
  ["123-00:00:01", 123 * 86_400_000 + 1_000],
  ["-", null],
  ["", null],
  ["0:01,23", null],
  ["1-02:03", null],
])("CPU time %p is %p ms", (text, expected) => {
  expect(readCpuTime(text)).toBe(expected)
})

describe("command lines of ps", () => {
  const output = [
    " 4711 S+     claude --resume 0b7c1de2-6d5f-4c1e-9a57-2f0f8a1f7f10",
    " 4712 S      /Users/ann/My Tools/claude -p  say hi",
    " 4713 Ss     -zsh",
    " 4714 Z      <defunct>",
    "    1 Ss     /sbin/launchd",
    "",
  ].join("\n")

  test("are found by process, zombies left out", () => {
    expect([...readCommandLines(output)] as unknown).toEqual([
      [4711, "claude --resume 0b7c1de2-6d5f-4c1e-9a57-2f0f8a1f7f10"],
      [4712, "/Users/ann/My Tools/claude -p  say hi"],
      [4713, "-zsh"],
      [1, "/sbin/launchd"],
    ])
  })

  test("a program whose path holds a space stays one argument", () => {
    const program = "/Users/ann/My Tools/claude"
    expect(splitCommand(`${program} -p hi`, program)).toEqual([program, "-p", "hi"])
    expect(splitCommand(program, program)).toEqual([program])
  })

  test("a program that was called by another name is split at spaces", () => {
    expect(splitCommand("claude --resume x", "/opt/claude/2.1.81")).toEqual(["claude", "--resume", "x"])
    expect(splitCommand("/opt/claude-helper x", "/opt/claude")).toEqual(["/opt/claude-helper", "x"])
    expect(splitCommand("claude -p", null)).toEqual(["claude", "-p"])
  })

  test("an empty argument is kept, the blanks that a new title leaves behind are not", () => {
    expect(splitCommand("claude -p  x", null)).toEqual(["claude", "-p", "", "x"])
    expect(splitCommand("claude            ", null)).toEqual(["claude"])
  })
})

describe("the environment behind a command line", () => {
  const text =
    "TERM_PROGRAM=Apple_Terminal SHELL=/bin/zsh CLAUDE_CONFIG_DIR=/Users/ann/Library/Application Support/c " +
    "__CFBundleIdentifier=com.apple.Terminal EMPTY= npm_config_//registry.npmjs.org/:x=1 " +
    "LS_OPTIONS=-G --color=auto LAST=a b"

  test("only what was asked for is found", () => {
    expect(readEnvironment(text, ["SHELL", "ABSENT"])).toEqual({ SHELL: "/bin/zsh" })
    expect(readEnvironment(text, [])).toEqual({})
    expect(readEnvironment("", ["SHELL"])).toEqual({})
  })

  test("values keep their spaces, at the end of the line too", () => {
    expect(readEnvironment(text, ["CLAUDE_CONFIG_DIR", "LS_OPTIONS", "LAST", "EMPTY"])).toEqual({
      CLAUDE_CONFIG_DIR: "/Users/ann/Library/Application Support/c",
      LS_OPTIONS: "-G --color=auto",
      LAST: "a b",
      EMPTY: "",
    })
  })

  test("a name is matched whole", () => {
    expect(
      readEnvironment("MY_CLAUDE_CONFIG_DIR=/a CLAUDE_CONFIG_DIR_OLD=/b", ["CLAUDE_CONFIG_DIR"]),
    ).toEqual({})
  })

  test("a variable that another one's value seems to set is left out rather than guessed", () => {
    expect(
      readEnvironment("NOTE=use CLAUDE_CONFIG_DIR=/evil CLAUDE_CONFIG_DIR=/real X=1", ["CLAUDE_CONFIG_DIR"]),
    ).toEqual({})
  })

  test("known limit: a value is cut short where it holds a space and then word=", () => {
    expect(readEnvironment("DIR=/a b=c/d X=1", ["DIR"])).toEqual({ DIR: "/a" })
  })
})

describe("lsof", () => {
  // macOS: lsof 4.91 lists the executable, then dyld and what else is mapped.
  const mac = `p4711
fcwd
n/Users/ann/Code/My App
ftxt
n/Users/ann/.local/share/claude/versions/2.1.81
ftxt
n/usr/lib/dyld
ftxt
n/private/var/db/timezone/tz/2025a.1.0/icutz/icutz44l.dat
p4712
fcwd
n/
p4713
ftxt
n/bin/zsh
`

  test("a process has its folder and the first of its mapped files", () => {
    expect([...readPlaces(mac)] as unknown).toEqual([
      [4711, { cwd: "/Users/ann/Code/My App", executable: "/Users/ann/.local/share/claude/versions/2.1.81" }],
      [4712, { cwd: "/", executable: null }],
      [4713, { cwd: null, executable: "/bin/zsh" }],
    ])
    expect(readPlaces("").size).toBe(0)
  })

  test("escaped names are what they are on disk", () => {
    const names = [
      "/tmp/\\xc3\\xa9t\\xc3\\xa9",
      "/tmp/a\\nb",
      "/tmp/\\\\x41",
      "/tmp/é",
      "/tmp/gone (deleted)",
    ]
    const output = names.map((name, index) => `p${100 + index}\nfcwd\nn${name}\n`).join("")
    expect([...readPlaces(output).values()].map((files) => files.cwd)).toEqual([
      "/tmp/été",
      "/tmp/a\nb",
      "/tmp/\\x41",
      "/tmp/é",
      "/tmp/gone",
    ])
  })

  test("a refusal is unknown, not a path", () => {
    const output = "p100\nfcwd\nn/proc/100/cwd (readlink: Permission denied)\nftxt\nnunknown\n"
    expect(readPlaces(output).get(pid(100))).toEqual({ cwd: null, executable: null })
  })
})
