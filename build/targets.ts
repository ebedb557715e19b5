/** One machine that a binary is made for. */
export interface Target {
  /** Part of the file's name: `session-rescue-<name>`. Never renamed once published. */
  readonly name: string
  readonly os: "linux" | "darwin"
  readonly arch: "x64" | "arm64"
  readonly libc: "glibc" | "musl" | null
  /** For processors without AVX2. */
  readonly baseline: boolean
  readonly compile: Bun.Build.CompileTarget
  /** The package that holds this machine's runtime, and the checksum of it in the pinned version. */
  readonly runtime: { readonly package: string; readonly integrity: string }
}

/**
 * All that is published. In Bun 1.4.5 the baseline runtimes are byte for byte the others; the names stay, as that was
 * not so before and need not stay so. The checksums belong to the Bun that package.json pins: npm's own lock names most of
 * them, but not those of the baseline runtimes, and Bun's own download checks none.
 */
export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    os: "linux",
    arch: "x64",
    libc: "glibc",
    baseline: false,
    compile: "bun-linux-x64",
    runtime: {
      package: "@oven/bun-linux-x64",
      integrity:
        "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
    },
  },
  {
    name: "linux-x64-baseline",
    os: "linux",
    arch: "x64",
    libc: "glibc",
    baseline: true,
    compile: "bun-linux-x64-baseline",
    runtime: {
      package: "@oven/bun-linux-x64-baseline",
      integrity:
        "sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==",
    },
  },
  {
    name: "linux-x64-musl",
    os: "linux",
    arch: "x64",
    libc: "musl",
    baseline: false,
    compile: "bun-linux-x64-musl",
    runtime: {
      package: "@oven/bun-linux-x64-musl",
      integrity:
        "sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==",
    },
  },
  {
    name: "linux-x64-musl-baseline",
    os: "linux",
    arch: "x64",
    libc: "musl",
    baseline: true,
    compile: "bun-linux-x64-baseline-musl",
    runtime: {
      package: "@oven/bun-linux-x64-musl-baseline",
      integrity:
        "sha512-cWJhU8h0+MiUgpSt99sQhjxLIIosKEcKYdtKddohokUvAuN6jKOy7g7+QDTZTXtwHxz93wL3BX+L6wXVPDUH3A==",
    },
  },
  {
    name: "linux-arm64",
    os: "linux",
    arch: "arm64",
    libc: "glibc",
    baseline: false,
    compile: "bun-linux-arm64",
    runtime: {
      package: "@oven/bun-linux-aarch64",
      integrity:
        "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
    },
  },
  {
    name: "linux-arm64-musl",
    os: "linux",
    arch: "arm64",
    libc: "musl",
    baseline: false,
    compile: "bun-linux-arm64-musl",
    runtime: {
      package: "@oven/bun-linux-aarch64-musl",
      integrity:
        "sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==",
    },
  },
  {
    name: "darwin-arm64",
    os: "darwin",
    arch: "arm64",
    libc: null,
    baseline: false,
    compile: "bun-darwin-arm64",
    runtime: {
      package: "@oven/bun-darwin-aarch64",
      integrity:
        "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
    },
  },
  {
    name: "darwin-x64",
    os: "darwin",
    arch: "x64",
    libc: null,
    baseline: false,
    compile: "bun-darwin-x64",
    runtime: {
      package: "@oven/bun-darwin-x64",
      integrity:
        "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
    },
  },
]
