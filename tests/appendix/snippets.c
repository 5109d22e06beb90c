/* The C column of the appendix "From Python and C to Rust".
 *
 * Between ANCHOR and ANCHOR_END stands what the page shows. Around it, each function gives
 * its line a real socket to work on, and looks at what it did. snippets.rs and snippets.py
 * are the other two columns, and have the same anchors.
 *
 * A C program must look at every result: -1 says that the call failed, and errno why. Here
 * `must` does that where the page's line keeps the result in a variable. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define must(condition)                                                           \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);               \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

static struct sockaddr_in loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A listener on a free port of 127.0.0.1, and its address. */
static int listener(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    *address = loopback();
    must(bind(s, (struct sockaddr *)address, size) == 0);
    must(listen(s, 128) == 0);
    must(getsockname(s, (struct sockaddr *)address, &size) == 0);
    return s;
}

/* Two ends of a connection over loopback; the deadline is the alarm in main. */
static int connection(int *peer)
{
    struct sockaddr_in address;
    int server = listener(&address);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    *peer = accept(server, NULL, NULL);
    must(*peer >= 0);
    close(server);
    return s;
}

static void must_say(int s, const char *expected)
{
    char buffer[64];
    size_t count = strlen(expected);
    must(recv(s, buffer, count, MSG_WAITALL) == (ssize_t)count);
    must(memcmp(buffer, expected, count) == 0);
}

static void makes_and_closes(void)
{
    int peer, pair[2];
    char byte;
    {
        // ANCHOR: socket
        int s = socket(AF_INET, SOCK_STREAM, 0);
        // ANCHOR_END: socket
        must(s >= 0);
        close(s);
    }
    // ANCHOR: socketpair
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    // ANCHOR_END: socketpair
    must(send(pair[0], "hello", 5, 0) == 5);
    must_say(pair[1], "hello");

    int s = connection(&peer);
    // ANCHOR: close
    close(s);
    // ANCHOR_END: close
    must(recv(peer, &byte, 1, 0) == 0);

    s = connection(&peer);
    // ANCHOR: shutdown
    shutdown(s, SHUT_WR);
    // ANCHOR_END: shutdown
    must(recv(peer, &byte, 1, 0) == 0);
    must(send(peer, "still here", 10, 0) == 10);
    must_say(s, "still here");

    // ANCHOR: dup
    int s2 = dup(s);
    // ANCHOR_END: dup
    must(s2 >= 0 && s2 != s);
    close(s);
    must(send(peer, "hello", 5, 0) == 5);
    must_say(s2, "hello");
}

static void names(void)
{
    // ANCHOR: address
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)};
    // ANCHOR_END: address
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    // ANCHOR: getaddrinfo
    getaddrinfo("localhost", "8888", &hints, &found);
    // ANCHOR_END: getaddrinfo
    must(found && ((struct sockaddr_in *)found->ai_addr)->sin_port == address.sin_port);
    freeaddrinfo(found);
    // ANCHOR: gethostbyname
    struct hostent *host = gethostbyname("localhost");
    // ANCHOR_END: gethostbyname
    must(host && memcmp(host->h_addr_list[0], "\x7f\0\0\1", 4) == 0);
    struct in_addr ip = {htonl(INADDR_LOOPBACK)};
    // ANCHOR: gethostbyaddr
    host = gethostbyaddr(&ip, sizeof ip, AF_INET);
    // ANCHOR_END: gethostbyaddr
    must(host && host->h_name[0]);
    char name[256], service[32];
    address.sin_addr = ip;
    struct sockaddr *a = (struct sockaddr *)&address;
    // ANCHOR: getnameinfo
    getnameinfo(a, sizeof address, name, sizeof name, service, sizeof service, 0);
    // ANCHOR_END: getnameinfo
    must(name[0] && service[0]);
    // ANCHOR: getservbyname
    struct servent *entry = getservbyname("http", "tcp");
    // ANCHOR_END: getservbyname
    must(!entry || ntohs(entry->s_port) == 80);
    // ANCHOR: gethostname
    gethostname(name, sizeof name);
    // ANCHOR_END: gethostname
    must(name[0]);
}

/* What the getaddrinfo manual calls AI_CANONNAME: for this machine's own name. */
static void full_name(void)
{
    char own[256];
    must(gethostname(own, sizeof own) == 0);
    struct addrinfo hints = {0}, *found;
    // ANCHOR: getfqdn
    hints.ai_flags = AI_CANONNAME;
    // ANCHOR_END: getfqdn
    // ANCHOR: getfqdn_ask
    int failed = getaddrinfo(own, NULL, &hints, &found);
    // ANCHOR_END: getfqdn_ask
    if (!failed) {
        must(found->ai_canonname[0]);
        freeaddrinfo(found);
    }
}

static void numbers(void)
{
    struct in_addr ip;
    char text[INET_ADDRSTRLEN];
    // ANCHOR: inet_pton
    inet_pton(AF_INET, "127.0.0.1", &ip);
    // ANCHOR_END: inet_pton
    must(memcmp(&ip, "\x7f\0\0\1", 4) == 0);
    // ANCHOR: inet_ntop
    inet_ntop(AF_INET, &ip, text, sizeof text);
    // ANCHOR_END: inet_ntop
    must(strcmp(text, "127.0.0.1") == 0);
    {
        // ANCHOR: htons
        uint16_t number = htons(8888);
        // ANCHOR_END: htons
        must(memcmp(&number, "\x22\xb8", 2) == 0);
        // ANCHOR: ntohs
        uint16_t port = ntohs(number);
        // ANCHOR_END: ntohs
        must(port == 8888);
    }
    // ANCHOR: htonl
    uint32_t data = htonl(258);
    // ANCHOR_END: htonl
    must(memcmp(&data, "\0\0\1\2", 4) == 0);
    // ANCHOR: ntohl
    uint32_t number = ntohl(data);
    // ANCHOR_END: ntohl
    must(number == 258);
}

static void client(void)
{
    struct sockaddr_in address, own, theirs;
    int server = listener(&address);
    struct sockaddr *a = (struct sockaddr *)&address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    // ANCHOR: connect
    connect(s, a, sizeof address);
    // ANCHOR_END: connect
    socklen_t size = sizeof own;
    a = (struct sockaddr *)&own;
    // ANCHOR: getsockname
    getsockname(s, a, &size);
    // ANCHOR_END: getsockname
    a = (struct sockaddr *)&theirs;
    // ANCHOR: getpeername
    getpeername(s, a, &size);
    // ANCHOR_END: getpeername
    must(own.sin_port != 0 && theirs.sin_port == address.sin_port);
    close(s);
    close(server); /* from here on, nobody listens there */
    s = socket(AF_INET, SOCK_STREAM, 0);
    a = (struct sockaddr *)&address;
    // ANCHOR: connect_ex
    int code = connect(s, a, sizeof address) ? errno : 0;
    // ANCHOR_END: connect_ex
    must(code == ECONNREFUSED);
}

static void server(void)
{
    struct sockaddr_in address = loopback(), bound;
    struct sockaddr *a = (struct sockaddr *)&address;
    int yes = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    // ANCHOR: reuse_address
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    // ANCHOR_END: reuse_address
    // ANCHOR: bind
    bind(s, a, sizeof address);
    // ANCHOR_END: bind
    // ANCHOR: listen
    listen(s, 128);
    // ANCHOR_END: listen
    socklen_t size = sizeof bound;
    must(getsockname(s, (struct sockaddr *)&bound, &size) == 0);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(peer, (struct sockaddr *)&bound, size) == 0);
    // ANCHOR: accept
    int client = accept(s, a, &size);
    // ANCHOR_END: accept
    must(send(client, "hello", 5, 0) == 5);
    must_say(peer, "hello");
    struct sockaddr_in from = loopback();
    must(getsockname(peer, (struct sockaddr *)&from, &size) == 0);
    must(address.sin_port == from.sin_port);
}

static void *until_end(void *of)
{
    char buffer[65536];
    ssize_t count;
    size_t all = 0;
    while ((count = recv(*(int *)of, buffer, sizeof buffer, 0)) > 0)
        all += count;
    return (void *)all;
}

static void sends_and_receives(void)
{
    int peer, s = connection(&peer);
    {
        // ANCHOR: send
        ssize_t count = send(s, "hello", 5, 0);
        // ANCHOR_END: send
        must(count == 5);
        must_say(peer, "hello");
    }
    must(send(peer, "hello", 5, 0) == 5);
    char buffer[1024] = "........";
    {
        // ANCHOR: recv
        ssize_t count = recv(s, buffer, sizeof buffer, 0);
        // ANCHOR_END: recv
        must(count == 5 && memcmp(buffer, "hello...", 8) == 0);
    }
    must(send(peer, "hello", 5, 0) == 5);
    {
        // ANCHOR: recv_into
        ssize_t count = recv(s, buffer + 3, sizeof buffer - 3, 0);
        // ANCHOR_END: recv_into
        must(count == 5 && memcmp(buffer, "helhello", 8) == 0);
    }
    must(send(peer, "hello, you", 10, 0) == 10);
    {
        // ANCHOR: peek
        ssize_t count = recv(s, buffer, 5, MSG_PEEK);
        // ANCHOR_END: peek
        must(count == 5 && memcmp(buffer, "hello", 5) == 0);
    }
    {
        // ANCHOR: recv_exact
        ssize_t count = recv(s, buffer, 10, MSG_WAITALL);
        // ANCHOR_END: recv_exact
        must(count == 10 && memcmp(buffer, "hello, you", 10) == 0);
    }
    must(send(peer, "first\nsecond\n", 13, 0) == 13);
    // ANCHOR: makefile
    FILE *file = fdopen(s, "r");
    // ANCHOR_END: makefile
    // ANCHOR: readline
    char *line = fgets(buffer, sizeof buffer, file);
    // ANCHOR_END: readline
    must(line && strcmp(line, "first\n") == 0);

    static char message[4000000];
    size_t sent = 0, size = sizeof message;
    pthread_t reading;
    void *all;
    must(pthread_create(&reading, NULL, until_end, &peer) == 0);
    while (sent < size) {
        // ANCHOR: sendall
        ssize_t count = send(s, message + sent, size - sent, 0);
        // ANCHOR_END: sendall
        must(count > 0);
        sent += count;
    }
    fclose(file);
    must(pthread_join(reading, &all) == 0);
    must((size_t)all == size);
}

static void datagrams(void)
{
    struct sockaddr_in address = loopback(), from;
    struct sockaddr *a = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    int other = socket(AF_INET, SOCK_DGRAM, 0), s = socket(AF_INET, SOCK_DGRAM, 0);
    must(bind(other, a, size) == 0);
    must(getsockname(other, a, &size) == 0);
    // ANCHOR: sendto
    sendto(s, "hello", 5, 0, a, sizeof address);
    // ANCHOR_END: sendto
    s = other;
    char buffer[1024];
    a = (struct sockaddr *)&from;
    // ANCHOR: recvfrom
    ssize_t count = recvfrom(s, buffer, sizeof buffer, 0, a, &size);
    // ANCHOR_END: recvfrom
    must(count == 5 && from.sin_port != 0);
}

static void options(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1, size = 65536;
    socklen_t length = sizeof size;
    // ANCHOR: setsockopt
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    // ANCHOR_END: setsockopt
    // ANCHOR: getsockopt
    getsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, &length);
    // ANCHOR_END: getsockopt
    must(size == 65536 || size == 131072);
    // ANCHOR: nodelay
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    // ANCHOR_END: nodelay
    // ANCHOR: keepalive
    setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    // ANCHOR_END: keepalive
    struct linger linger = {1, 0};
    // ANCHOR: linger
    setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    // ANCHOR_END: linger
    s = socket(AF_INET, SOCK_DGRAM, 0);
    // ANCHOR: broadcast
    setsockopt(s, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    // ANCHOR_END: broadcast
    s = socket(AF_INET6, SOCK_STREAM, 0);
    // ANCHOR: v6only
    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    // ANCHOR_END: v6only
}

static void nonblocking(void)
{
    int peer, s = connection(&peer), code = -1;
    char byte;
    int flags = fcntl(s, F_GETFL) | O_NONBLOCK;
    // ANCHOR: setblocking
    fcntl(s, F_SETFL, flags);
    // ANCHOR_END: setblocking
    // ANCHOR: getblocking
    int nonblocking = fcntl(s, F_GETFL) & O_NONBLOCK;
    // ANCHOR_END: getblocking
    must(nonblocking && recv(s, &byte, 1, 0) == -1 && errno == EAGAIN);
    socklen_t size = sizeof code;
    // ANCHOR: so_error
    getsockopt(s, SOL_SOCKET, SO_ERROR, &code, &size);
    // ANCHOR_END: so_error
    must(code == 0);
}

static void time_limits(void)
{
    int peer, s = connection(&peer);
    char byte;
    struct timeval limit = {0, 100000};
    // ANCHOR: settimeout
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    // ANCHOR_END: settimeout
    // ANCHOR: settimeout_write
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    // ANCHOR_END: settimeout_write
    must(recv(s, &byte, 1, 0) == -1 && (errno == EAGAIN || errno == EWOULDBLOCK));
    socklen_t size = sizeof limit;
    // ANCHOR: gettimeout
    getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, &size);
    // ANCHOR_END: gettimeout
    must(limit.tv_usec >= 100000 && limit.tv_usec < 120000);
}

static void waiting(void)
{
    int silent, talks, one = connection(&silent), two = connection(&talks);
    must(send(talks, "hello", 5, 0) == 5);
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(one, &readable);
    FD_SET(two, &readable);
    int highest = one > two ? one : two;
    struct timeval five_seconds = {5, 0};
    // ANCHOR: select
    select(highest + 1, &readable, NULL, NULL, &five_seconds);
    // ANCHOR_END: select
    must(FD_ISSET(two, &readable) && !FD_ISSET(one, &readable));
    struct pollfd sockets[] = {{one, POLLIN, 0}, {two, POLLIN, 0}};
    // ANCHOR: poll
    int ready = poll(sockets, 2, 5000);
    // ANCHOR_END: poll
    must(ready == 1 && sockets[1].revents == POLLIN);
}

/* Each thread gets a copy of the number of its own, and frees it. */
static void *conversation(void *of)
{
    int client = *(int *)of;
    free(of);
    char buffer[64];
    ssize_t count = recv(client, buffer, sizeof buffer, 0);
    must(count > 0 && send(client, buffer, count, 0) == count);
    close(client);
    return NULL;
}

static void threads(void)
{
    struct sockaddr_in address;
    int s = listener(&address), peer = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(peer, (struct sockaddr *)&address, sizeof address) == 0);
    must(send(peer, "hello", 5, 0) == 5);
    pthread_t thread;
    int *client = malloc(sizeof *client);
    must(client && (*client = accept(s, NULL, NULL)) >= 0);
    // ANCHOR: threading_tcp_server
    pthread_create(&thread, NULL, conversation, client);
    // ANCHOR_END: threading_tcp_server
    must_say(peer, "hello");
    must(pthread_join(thread, NULL) == 0);
}

#ifdef __linux__
static void *accepts(void *of)
{
    return accept(*(int *)of, NULL, NULL) < 0 ? of : NULL;
}
#endif

static void wakes_accept(void)
{
#ifdef __linux__
    struct sockaddr_in address;
    int s = listener(&address);
    pthread_t thread;
    void *result;
    must(pthread_create(&thread, NULL, accepts, &s) == 0);
    // ANCHOR: server_shutdown
    shutdown(s, SHUT_RDWR);
    // ANCHOR_END: server_shutdown
    must(pthread_join(thread, &result) == 0 && result);
#endif
}

int main(void)
{
    alarm(20);                /* nothing here waits for ever */
    signal(SIGPIPE, SIG_IGN); /* else a send to a closed peer kills the program */
    makes_and_closes();
    names();
    full_name();
    numbers();
    client();
    server();
    sends_and_receives();
    datagrams();
    options();
    nonblocking();
    time_limits();
    waiting();
    threads();
    wakes_accept();
    puts("all of it did what it says");
    return 0;
}
