import {
  type ExportFolders,
  exportFolders,
  exportFoldersAmong,
  type Paths,
} from "../../system/config/paths.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"

/** The folders of each agent that has exports; the default agent's first, whether they exist or not. */
export function everyFolders(data: string): readonly ExportFolders[] {
  return exportFoldersAmong(listDirOrEmpty(data), data)
}

/** The same paths, with the folders of the agent whose folders hold this path; else with the default agent's. */
export function pathsAround(paths: Paths, path: string): Paths {
  const around = everyFolders(paths.data).find(
    ({ pending, archive }) => path.startsWith(`${pending}/`) || path.startsWith(`${archive}/`),
  )
  return { ...paths, ...(around ?? exportFolders(paths.data)) }
}
