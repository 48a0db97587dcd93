# name: par-two
# desc: two functions that share a device or a port, each with a thread of its own
# topos: f g sw sw-cold
bind ep
bind ep1
sleep 400
par { open ep } { sleep 2 ; open ep1 }
par { reset ep } { sleep 2 ; reset ep1 }
par { hot_reset ep } { sleep 20 ; cfg_read ep1 0 4 } { sleep 20 ; reset ep1 }
par { hot_reset ep } { sleep 5 ; hot_reset ep1 }
feature ep set 3
feature ep1 set 3
sleep 200
par { cfg_read ep 0 4 } { sleep 20 ; cfg_read ep1 0 4 }
sleep 200
par { feature ep set 5 } { sleep 20 ; feature ep1 set 5 }
par { close ep } { sleep 2 ; close ep1 }
sleep 400
par { unbind ep } { sleep 20 ; unbind ep1 }
