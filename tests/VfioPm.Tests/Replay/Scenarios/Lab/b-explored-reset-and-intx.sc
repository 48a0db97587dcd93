# name: b-explored-reset-and-intx
# desc: a reset that meets who sets up INTx and masks it (vfio-pm explore)
# topos: b
# settle: 0
# quiet: 0
bind 0000:01:00.0
sleep 3000
open 0000:01:00.0
par { reset 0000:01:00.0 } { sleep 1 ; set_irqs 0000:01:00.0 0 trigger eventfd 0 1 ; set_irqs 0000:01:00.0 0 mask none 0 1 }
