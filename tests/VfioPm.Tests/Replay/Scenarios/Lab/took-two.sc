# name: took-two
# desc: how long it takes where two functions share a port or a device: opens, hot resets and closes
# topos: f g sw sw-cold k pcibr m g-cold sw-d3hot
bind ep
bind ep1
sleep 400
open ep
open ep1
hot_reset ep
cfg_write ep PM+4 0300
hot_reset ep1
reset ep
reset ep1
feature ep set 3
feature ep1 set 3
sleep 200
hot_reset ep
host_cfg_read ep1 0 4
feature ep set 5
close ep
feature ep1 set 5
cfg_write ep1 PM+4 0300
close ep1
sleep 400
open ep1
close ep1
unbind ep
unbind ep1
