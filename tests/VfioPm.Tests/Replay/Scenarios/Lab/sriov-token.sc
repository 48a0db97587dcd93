# name: sriov-token
# desc: who may open what with which token
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
close ep
sysfs_write ep sriov_numvfs 2
open vf0
open vf0 again token=00112233-4455-6677-8899-aabbccddeeff
open vf0 again token=xyz
open vf0 again token=zzzzzzzz-5a5f-4f5a-a211-f591514ba1f3
open vf0 again token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
open ep again
open ep again token=00112233-4455-6677-8899-aabbccddeeff
open ep again token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
feature ep set 0 00112233445566778899aabbccddeeff
feature ep probeset 0
feature ep probe 0
feature ep get 0
feature ep set 0 0011
feature ep set 0 00112233445566778899aabbccddeeff edge=1
feature vf0 set 0 00112233445566778899aabbccddeeff
open vf1 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
open vf1 again token=00112233-4455-6677-8899-aabbccddeeff
close vf0
close vf1
open vf0 again
open vf0 again token=00112233-4455-6677-8899-aabbccddeeff
close vf0
sysfs_write ep sriov_numvfs 0
close ep
unbind ep
