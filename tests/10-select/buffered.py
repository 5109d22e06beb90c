import select, sys

while select.select([sys.stdin], [], [], 0.5)[0]:
    print("select says readable; readline gives", repr(sys.stdin.readline()))
print("select says: nothing for half a second")
