# A mailbox with three mails, for ada, whose password is swordfish.
import socket

MAILS = [
    'Subject: The engine is ready\r\n\r\nCome and see it.\r\n',
    'Subject: At four\r\n\r\n...or at five?\r\n',
    'Subject: Dots\r\n\r\nThe next line is a dot.\r\n.\r\nThat was it.\r\n',
]

def many(lines):  # a reply of many lines: a dot more where one begins a line
    text = ''.join(('.' if line.startswith('.') else '') + line + '\r\n' for line in lines)
    return '+OK\r\n' + text + '.'

def reply(command):
    match command.split():
        case ['USER', 'ada'] | ['PASS', 'swordfish']:
            return '+OK'
        case ['STAT']:
            return f'+OK {len(MAILS)} {sum(map(len, MAILS))}'
        case ['LIST']:
            return many(f'{n} {len(mail)}' for n, mail in enumerate(MAILS, 1))
        case ['RETR', n] if n in ('1', '2', '3'):
            return many(MAILS[int(n) - 1].splitlines())
        case ['RETR', _]:
            return '-ERR there is no such mail'
        case ['QUIT']:
            return '+OK goodbye'
    return '-ERR what is that?'

listener = socket.create_server(('127.0.0.1', 1100))
print('listening', flush=True)
while True:
    client, _ = listener.accept()
    client.settimeout(2)
    with client, client.makefile(newline='\r\n') as commands:
        try:
            client.sendall(b'+OK here is the mailbox\r\n')
            for command in commands:
                client.sendall((reply(command) + '\r\n').encode())
                if command == 'QUIT\r\n':
                    break
        except TimeoutError:
            print('silent for 2 seconds: closed', flush=True)
        except OSError:
            pass  # the client has left
