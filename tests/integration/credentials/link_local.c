/* Leads connections to ECS's credential endpoint, 169.254.170.2, to a port of
   this machine: LINK_LOCAL_PORT. For the test that needs it, by LD_PRELOAD. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    const char *port = getenv("LINK_LOCAL_PORT");
    struct sockaddr_in there;

    if (port != NULL && address->sa_family == AF_INET && length >= sizeof there) {
        memcpy(&there, address, sizeof there);
        if (there.sin_addr.s_addr == inet_addr("169.254.170.2")) {
            there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            there.sin_port = htons((unsigned short)atoi(port));
            return real(socket, (struct sockaddr *)&there, sizeof there);
        }
    }
    return real(socket, address, length);
}
