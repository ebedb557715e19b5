/** The options a plugin accepts, with their types; any other option in the config file causes a warning and is ignored. */
export type OptionKinds = Readonly<Record<string, "string" | "number" | "boolean" | "strings">>
