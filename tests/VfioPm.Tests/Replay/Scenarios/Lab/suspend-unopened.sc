# name: suspend-unopened
# desc: the machine goes to sleep and back, with an unused device bound: to s2idle and S3, as far as devices and as the platform
bind ep
sleep 1000
suspend freeze freezer
sleep 500
suspend freeze platform
sleep 1500
suspend mem platform
sleep 1500
suspend freeze devices
sleep 1500
cfg_read ep 4 2
