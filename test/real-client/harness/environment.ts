export const apiKey = "sk-not-a-real-key"

/** Everything a started program gets to know: nothing of the real home, nothing of a client around this test. */
export function throwAwayEnvironment({
  home,
  bin,
  apiUrl,
}: {
  home: string
  bin: string
  apiUrl: string
}): Record<string, string> {
  return {
    PATH: `${bin}:${process.env.PATH ?? "/usr/bin:/bin"}`,
    HOME: home,
    TMPDIR: home,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    PS1: "shell-ready> ",
    HISTFILE: "",
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: apiKey,
    npm_config_registry: apiUrl, // 2.0 asks npm for its newest version all the same
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  }
}
