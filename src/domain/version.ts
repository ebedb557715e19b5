declare const SESSION_RESCUE_VERSION: string | undefined

/** Put in by the build; run from the source it says so. */
export const version = typeof SESSION_RESCUE_VERSION === "string" ? SESSION_RESCUE_VERSION : "0.0.0-source"
