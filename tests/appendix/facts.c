/* What the appendix says of C: `facts NAME` shows it, and prints it. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The peer has closed. Nobody has told the kernel what to do about SIGPIPE. */
static int writes_to_the_dead(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return 1;
    close(pair[1]);
    puts("before");
    fflush(stdout);
    send(pair[0], "1", 1, 0);
    puts("after");
    return 0;
}

/* The same, with the flag that turns the signal into an error. */
static int writes_to_the_dead_without_a_signal(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return 1;
    close(pair[1]);
    ssize_t count = send(pair[0], "1", 1, MSG_NOSIGNAL);
    printf("%zd %s\n", count, errno == EPIPE ? "EPIPE" : "another error");
    return 0;
}

static int close_on_exec(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    int t = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    printf("%d %d\n", fcntl(s, F_GETFD) & FD_CLOEXEC, fcntl(t, F_GETFD) & FD_CLOEXEC);
    return 0;
}

/* Somebody forgot htons: which port is it then? */
static int forgets_htons(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 8888};
    printf("%d\n", ntohs(address.sin_port));
    return 0;
}

int main(int count, char **words)
{
    if (count != 2)
        return 2;
    if (!strcmp(words[1], "writes_to_the_dead"))
        return writes_to_the_dead();
    if (!strcmp(words[1], "writes_to_the_dead_without_a_signal"))
        return writes_to_the_dead_without_a_signal();
    if (!strcmp(words[1], "close_on_exec"))
        return close_on_exec();
    if (!strcmp(words[1], "forgets_htons"))
        return forgets_htons();
    return 2;
}
