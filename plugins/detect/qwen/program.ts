import { isScriptHost, type RunMode } from "session-rescue"

interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

const script = /(@qwen-code\/qwen-code\/.*cli\.m?js|\/bin\/qwen)$/

/** Three Node processes below each other, of which the innermost is the client (0.24.4, observed). */
export function isQwenProgram({ executable, argv }: Program): boolean {
  return isScriptHost({ executable, argv }) && argv.slice(1, 6).some((each) => script.test(each))
}

export function modeOf({ argv }: Program): RunMode {
  if (argv.some((each) => /^--(acp|experimental-acp|serve)$/.test(each))) return "program"
  return argv.some((each) => /^(-p|--prompt)(=|$)/.test(each)) ? "headless" : "interactive"
}
