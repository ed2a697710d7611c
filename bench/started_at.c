/* A task that does nothing but say when it was running: appends CLOCK_MONOTONIC in ns to argv[1]. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv)
{
    struct timespec now;
    char line[32];
    int fd;
    int length;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (argc != 2 || (fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0)
        return 1;
    length = snprintf(line, sizeof line, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    return write(fd, line, (size_t)length) == length ? 0 : 1;
}
