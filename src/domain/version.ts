declare const SESSION_RESCUE_VERSION: string | undefined

/** Set by the build; "-source" when run from source. */
export const version = typeof SESSION_RESCUE_VERSION === "string" ? SESSION_RESCUE_VERSION : "0.0.0-source"
