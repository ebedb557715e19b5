/* A folder shown again as a filesystem whose disk lies, once:
 *
 *   liar BACKING HITS OPERATION LIE NTH PART direct|cached MOUNTPOINT
 *
 * The NTH of all OPERATIONs (write, read, fsync, flush) on files with PART in their path goes wrong as LIE says
 * (short, flip, drop, eio, hang); each time that happens a line is added to the file HITS. `hang`: it is not
 * answered, and nothing else is, until there is a file HITS.go; then it is done as asked. `direct`: nothing is
 * cached. `cached`: the kernel believes its own cache, as it does with a local disk. */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 35
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *backing, *hits, *operation, *lie, *part;
static int nth, seen, cached;

#define REAL(path) char real[8192]; snprintf(real, sizeof real, "%s%s", backing, path)
#define ANSWER(call) return (call) == -1 ? -errno : 0

/* Whether this is the one that goes wrong, and in this way. */
static int lies(const char *now, const char *path) {
  if (strcmp(now, operation) != 0 || strstr(path, part) == NULL || ++seen != nth) return 0;
  FILE *log = fopen(hits, "a");
  if (log == NULL) abort();
  fprintf(log, "%s %s %s\n", operation, lie, path);
  fclose(log);
  if (strcmp(lie, "hang") != 0) return 1;
  char go[8192];
  snprintf(go, sizeof go, "%s.go", hits);
  while (access(go, F_OK) != 0) usleep(5000);
  return 0;
}
static int is(const char *name) { return strcmp(lie, name) == 0; }

static void *on_start(struct fuse_conn_info *connection, struct fuse_config *config) {
  config->use_ino = 1;
  config->direct_io = !cached;
  config->kernel_cache = cached;
  config->entry_timeout = config->attr_timeout = cached ? 100 : 0;
  if (cached) connection->want &= ~FUSE_CAP_AUTO_INVAL_DATA;
  return NULL;
}
static int on_getattr(const char *path, struct stat *stat, struct fuse_file_info *info) {
  if (info != NULL) ANSWER(fstat((int)info->fh, stat));
  REAL(path); ANSWER(lstat(real, stat));
}
static int on_readdir(const char *path, void *list, fuse_fill_dir_t add, off_t at, struct fuse_file_info *info,
                      enum fuse_readdir_flags flags) {
  (void)at, (void)info, (void)flags;
  REAL(path);
  DIR *folder = opendir(real);
  if (folder == NULL) return -errno;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) add(list, entry->d_name, NULL, 0, 0);
  closedir(folder);
  return 0;
}
static int on_mkdir(const char *path, mode_t mode) { REAL(path); ANSWER(mkdir(real, mode)); }
static int on_unlink(const char *path) { REAL(path); ANSWER(unlink(real)); }
static int on_rmdir(const char *path) { REAL(path); ANSWER(rmdir(real)); }
static int on_chmod(const char *path, mode_t mode, struct fuse_file_info *info) {
  if (info != NULL) ANSWER(fchmod((int)info->fh, mode));
  REAL(path); ANSWER(chmod(real, mode));
}
static int on_rename(const char *from, const char *path, unsigned flags) {
  char old[8192];
  snprintf(old, sizeof old, "%s%s", backing, from);
  REAL(path); ANSWER(syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, real, flags));
}
static int on_link(const char *from, const char *path) {
  char old[8192];
  snprintf(old, sizeof old, "%s%s", backing, from);
  REAL(path); ANSWER(link(old, real));
}
static int opened(int fd, struct fuse_file_info *info) {
  if (fd == -1) return -errno;
  info->fh = (uint64_t)fd;
  return 0;
}
static int on_open(const char *path, struct fuse_file_info *info) { REAL(path); return opened(open(real, info->flags), info); }
static int on_create(const char *path, mode_t mode, struct fuse_file_info *info) {
  REAL(path); return opened(open(real, info->flags, mode), info);
}
static int on_read(const char *path, char *bytes, size_t size, off_t at, struct fuse_file_info *info) {
  int wrong = lies("read", path);
  if (wrong && is("eio")) return -EIO;
  if (wrong && is("short")) size = size / 2 + 1;
  ssize_t count = pread((int)info->fh, bytes, size, at);
  if (wrong && is("flip") && count > 0) bytes[count / 2] ^= 1;
  if (wrong && is("drop") && count > 0) memset(bytes, 0, (size_t)count);
  return count == -1 ? -errno : (int)count;
}
static int on_write(const char *path, const char *bytes, size_t size, off_t at, struct fuse_file_info *info) {
  int wrong = lies("write", path);
  if (wrong && is("eio")) return -EIO;
  if (wrong && is("drop")) return (int)size;
  if (wrong && is("short")) size = size / 2;
  char *copy = malloc(size + 1);
  if (copy == NULL) return -ENOMEM;
  memcpy(copy, bytes, size);
  if (wrong && is("flip") && size > 0) copy[size / 2] ^= 1;
  ssize_t count = pwrite((int)info->fh, copy, size, at);
  free(copy);
  return count == -1 ? -errno : (int)count;
}
static int on_flush(const char *path, struct fuse_file_info *info) {
  (void)info;
  return lies("flush", path) ? -EIO : 0;
}
static int on_fsync(const char *path, int data, struct fuse_file_info *info) {
  (void)data;
  if (lies("fsync", path)) return -EIO;
  ANSWER(fsync((int)info->fh));
}
static int on_release(const char *path, struct fuse_file_info *info) { (void)path; close((int)info->fh); return 0; }
static int on_statfs(const char *path, struct statvfs *stat) { REAL(path); ANSWER(statvfs(real, stat)); }

static const struct fuse_operations operations = {
  .init = on_start, .getattr = on_getattr, .readdir = on_readdir, .mkdir = on_mkdir, .unlink = on_unlink,
  .rmdir = on_rmdir, .chmod = on_chmod, .rename = on_rename, .link = on_link, .open = on_open,
  .create = on_create, .read = on_read, .write = on_write, .flush = on_flush, .fsync = on_fsync,
  .release = on_release, .statfs = on_statfs,
};

int main(int count, char **given) {
  if (count != 9) return 2;
  backing = given[1], hits = given[2], operation = given[3], lie = given[4], nth = atoi(given[5]), part = given[6];
  cached = strcmp(given[7], "cached") == 0;
  char *arguments[] = {given[0], "-s", given[8], NULL};
  return fuse_main(3, arguments, &operations, NULL);
}
