/** The subcommands and options that `--help` names; a subcommand with all of its names. */
export function commandsIn(help: string): string[] {
  const [options = "", commands = ""] = help.split(/^Commands:$/m)
  const named = [...commands.matchAll(/^ {2}([a-z][\w|-]*)/gm)].map(([, name = ""]) => name)
  const flags = [...options.matchAll(/^ {2,6}((?:-\w, )?--[a-z][\w-]*(?:, --[\w-]+)*)/gm)]
  return [...named.filter((name) => name !== "help"), ...flags.map(([, flag = ""]) => flag)]
}
