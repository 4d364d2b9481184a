/* The least a delivery can cost: epoll, one send() a member. Port on the command line, 0 picks one and prints it.
 * Members upgrade like WebSockets (the key is not checked: the bench's reader ignores the answer's), then whatever
 * text frame arrives is written, unmasked, to all. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX = 20000, SIZE = 65536 };
static int members[MAX], count, upgraded[MAX];
static const char *ANSWER =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    "Sec-WebSocket-Accept: x\r\n\r\n";

static void spread(uint8_t *data, ssize_t size) {
    for (ssize_t at = 0; at + 6 <= size;) {
        ssize_t length = data[at + 1] & 127, head = 2;
        if (length == 126) { length = (data[at + 2] << 8) | data[at + 3]; head = 4; }
        uint8_t *mask = data + at + head, *body = mask + 4;
        if (at + head + 4 + length > size) return;
        if ((data[at] & 15) == 1) {
            static uint8_t frame[SIZE];
            ssize_t out = 2;
            frame[0] = 0x81;
            if (length < 126) frame[1] = (uint8_t)length;
            else { frame[1] = 126; frame[2] = (uint8_t)(length >> 8); frame[3] = (uint8_t)length; out = 4; }
            for (ssize_t n = 0; n < length; n++) frame[out + n] = body[n] ^ mask[n & 3];
            for (int n = 0; n < count; n++) send(members[n], frame, (size_t)(out + length), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        at += head + 4 + length;
    }
}

int main(int argc, char **argv) {
    int server = socket(AF_INET, SOCK_STREAM, 0), one = 1, poll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0))};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 4096)) return 1;
    getsockname(server, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = server}, events[256];
    epoll_ctl(poll, EPOLL_CTL_ADD, server, &event);
    static uint8_t data[SIZE];
    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int n = 0; n < ready; n++) {
            int fd = events[n].data.fd;
            if (fd == server) {
                fd = accept(server, NULL, NULL);
                if (fd < 0 || fd >= MAX) continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                event.data.fd = fd;
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
                upgraded[fd] = 0;
                continue;
            }
            ssize_t size = recv(fd, data, SIZE, 0);
            if (size <= 0) {
                for (int m = 0; m < count; m++) if (members[m] == fd) members[m--] = members[--count];
                close(fd);
            } else if (!upgraded[fd]) {
                upgraded[fd] = 1;
                members[count++] = fd;
                send(fd, ANSWER, strlen(ANSWER), MSG_NOSIGNAL);
            } else spread(data, size);
        }
    }
}
