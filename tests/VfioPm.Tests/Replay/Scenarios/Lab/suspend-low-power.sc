# name: suspend-low-power
# desc: the machine goes to sleep and back while a device is in low power, with a wakeup eventfd
bind ep
open ep
feature ep set 4 efd=wake
sleep 1500
suspend freeze platform
sleep 1500
eventfd_read ep wake
suspend mem platform
sleep 1500
eventfd_read ep wake
suspend freeze devices
sleep 1500
eventfd_read ep wake
feature ep set 5
close ep
sleep 1500
