# name: sriov-token-other
# desc: a token for what has no use for one
# topos: i
# module: enable_sriov=0
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
close ep
open ep again
feature ep probeset 0
feature ep set 0 00112233445566778899aabbccddeeff
close ep
unbind ep
