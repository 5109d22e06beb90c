# Takes a mail and prints it. With the word `busy` it takes none today.
import socket, sys

busy = 'busy' in sys.argv

def reply(command):
    match command.split(':')[0].split():
        case ['HELO' | 'MAIL', *_]:
            return '250 ok'
        case ['RCPT', *_]:
            return '451 come back in five minutes' if busy else '250 ok'
        case ['DATA'] if busy:
            return '503 nobody gets this mail'
        case ['DATA']:
            return '354 go on, and end with a single dot'
        case ['QUIT']:
            return '221 goodbye'
    return '500 what is that?'

def take_mail(lines):
    for line in lines:
        line = line.removesuffix('\r\n')
        if line == '.':
            return
        print('  |', line.removeprefix('.'), flush=True)

listener = socket.create_server(('127.0.0.1', 2525))
print('listening', flush=True)
while True:
    client, _ = listener.accept()
    client.settimeout(60)
    with client, client.makefile(newline='\r\n') as lines:
        try:
            client.sendall(b'220 practice ready\r\n')
            for line in lines:
                answer = reply(line)
                client.sendall((answer + '\r\n').encode())
                if answer.startswith('354'):
                    take_mail(lines)
                    client.sendall(b'250 the mail is mine now\r\n')
                if answer.startswith('221'):
                    break
        except OSError:
            pass  # the client has left
