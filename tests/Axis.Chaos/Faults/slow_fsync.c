/*
 * A disk that is slow to sync, for the ledger test. Preloaded into a server, it lets fsync and fdatasync wait as many
 * milliseconds as the file named by AXIS_SLOW_FSYNC says, and then really sync.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_as_told(void)
{
    const char *path = getenv("AXIS_SLOW_FSYNC");
    char text[16] = {0};
    int file;
    long milliseconds;

    if (path == NULL || (file = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return;
    if (read(file, text, sizeof text - 1) > 0 && (milliseconds = atol(text)) > 0) {
        struct timespec pause = {milliseconds / 1000, (milliseconds % 1000) * 1000000};
        nanosleep(&pause, NULL);
    }
    close(file);
}

int fsync(int descriptor)
{
    static int (*real)(int);
    if (real == NULL)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_as_told();
    return real(descriptor);
}

int fdatasync(int descriptor)
{
    static int (*real)(int);
    if (real == NULL)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_as_told();
    return real(descriptor);
}
