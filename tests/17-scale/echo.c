/* The same six designs in C, as outside peers of lesson 17: what they cost where nothing
 * stands between the program and the kernel. They ask the kernel for the same work, and have
 * no limits and no clean end: only what is measured.
 *
 *     cc -O2 -pthread echo.c -o echo && ./echo --design epoll
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCKING = 4096, SHARED = 16384, WORKERS = 64, MOST = 20000 };
static char buffer[SHARED];

static int check(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

/* ---- designs that block ---- */

static int write_all(int client, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(client, bytes, count, 0);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return -1;
        bytes += sent;
        count -= (size_t)sent;
    }
    return 0;
}

static void echo(int client) {
    char own[BLOCKING];
    for (;;) {
        ssize_t count = recv(client, own, sizeof own, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || write_all(client, own, (size_t)count) < 0) break;
    }
    close(client);
}

static int next_client(int listener) {
    static const struct timeval patience = {300, 0}; /* what a read's timer costs, costs here too */
    int one = 1;
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0) {
            setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
            setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return client;
        }
        if (errno != EINTR && errno != ECONNABORTED) check(client, "accept");
    }
}

static void *one_by_one(void *listener) {
    for (;;) echo(next_client((int)(intptr_t)listener));
    return NULL; /* never */
}

static void *serve_one(void *client) {
    echo((int)(intptr_t)client);
    return NULL;
}

static void thread_each(int listener) {
    for (;;) {
        pthread_t thread;
        int client = next_client(listener);
        if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)client) != 0)
            close(client);
        else
            pthread_detach(thread);
    }
}

static void pool(int listener) {
    pthread_t thread;
    for (int i = 1; i < WORKERS; i++)
        check(-pthread_create(&thread, NULL, one_by_one, (void *)(intptr_t)listener), "thread");
    one_by_one((void *)(intptr_t)listener);
}

/* ---- designs that wait for all at once ---- */

struct client {
    char *unsent;
    size_t count;
};
static struct client clients[MOST]; /* by descriptor */

/* One read and its write. 0: the client has gone. What can't be sent is kept. */
static int turn(int fd) {
    struct client *client = &clients[fd];
    while (client->count > 0) {
        ssize_t sent = send(fd, client->unsent, client->count, 0);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        client->count -= (size_t)sent;
        memmove(client->unsent, client->unsent + sent, client->count);
    }
    free(client->unsent);
    client->unsent = NULL;
    ssize_t count = recv(fd, buffer, sizeof buffer, 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return 0;
    ssize_t sent = send(fd, buffer, (size_t)count, 0);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (sent < 0) sent = 0;
    if (sent < count) {
        client->count = (size_t)(count - sent);
        client->unsent = malloc(client->count);
        memcpy(client->unsent, buffer + sent, client->count);
    }
    return 1;
}

static void gone(int fd) {
    free(clients[fd].unsent);
    clients[fd] = (struct client){NULL, 0};
    close(fd);
}

static int accept_now(int listener) {
    int one = 1;
    int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= MOST) {
        close(client);
        return -1;
    }
    if (client >= 0) setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return client;
}

static void with_select(int listener) {
    static char here[FD_SETSIZE];
    int highest = listener, client;
    for (;;) {
        fd_set readable, writable;
        FD_ZERO(&readable);
        FD_ZERO(&writable);
        FD_SET(listener, &readable);
        for (int fd = 0; fd <= highest; fd++)
            if (here[fd]) FD_SET(fd, clients[fd].count ? &writable : &readable);
        struct timeval tick = {0, 100000};
        if (select(highest + 1, &readable, &writable, NULL, &tick) < 0) continue;
        for (int fd = 0; fd <= highest; fd++)
            if (here[fd] && (FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable)) && !turn(fd)) {
                here[fd] = 0;
                gone(fd);
            }
        if (FD_ISSET(listener, &readable))
            while ((client = accept_now(listener)) >= 0) {
                if (client >= FD_SETSIZE) {
                    close(client);
                    continue;
                }
                here[client] = 1;
                if (client > highest) highest = client;
            }
    }
}

static void with_poll(int listener) {
    static struct pollfd list[MOST + 1];
    int count = 1, client;
    list[0] = (struct pollfd){listener, POLLIN, 0};
    for (;;) {
        if (poll(list, (nfds_t)count, 100) < 0) continue;
        for (int i = 1; i < count; i++) {
            if (!list[i].revents) continue;
            int fd = list[i].fd;
            if (turn(fd))
                list[i].events = clients[fd].count ? POLLOUT : POLLIN;
            else {
                gone(fd);
                list[i--] = list[--count];
            }
        }
        if (list[0].revents)
            while (count <= MOST && (client = accept_now(listener)) >= 0)
                list[count++] = (struct pollfd){client, POLLIN, 0};
    }
}

static void with_epoll(int listener) {
    static struct epoll_event events[1024];
    int list = check(epoll_create1(EPOLL_CLOEXEC), "epoll"), client;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    check(epoll_ctl(list, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
    for (;;) {
        int ready = epoll_wait(list, events, 1024, 100);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                while ((client = accept_now(listener)) >= 0) {
                    event = (struct epoll_event){.events = EPOLLIN, .data.fd = client};
                    check(epoll_ctl(list, EPOLL_CTL_ADD, client, &event), "epoll_ctl");
                }
                continue;
            }
            size_t before = clients[fd].count;
            if (!turn(fd)) {
                gone(fd);
            } else if (!before != !clients[fd].count) {
                event.events = clients[fd].count ? EPOLLOUT : EPOLLIN;
                event.data.fd = fd;
                check(epoll_ctl(list, EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
            }
        }
    }
}

int main(int argc, char **argv) {
    const char *design = argc == 3 && !strcmp(argv[1], "--design") ? argv[2] : "epoll";
    struct rlimit limit;
    check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
    signal(SIGPIPE, SIG_IGN);
    int listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(listener, 4096), "listen");
    socklen_t length = sizeof address;
    check(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
    printf("Listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    void *argument = (void *)(intptr_t)listener;
    if (!strcmp(design, "one-by-one")) one_by_one(argument);
    if (!strcmp(design, "thread-each")) thread_each(listener);
    if (!strcmp(design, "pool")) pool(listener);
    int flags = check(fcntl(listener, F_GETFL), "fcntl");
    check(fcntl(listener, F_SETFL, flags | O_NONBLOCK), "fcntl");
    if (!strcmp(design, "select")) with_select(listener);
    if (!strcmp(design, "poll")) with_poll(listener);
    if (!strcmp(design, "epoll")) with_epoll(listener);
    fprintf(stderr, "no design %s\n", design);
    return 2;
}
