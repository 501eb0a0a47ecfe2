"""Fills a domain that samba-tool has just provisioned, and prints what Samba itself reads of it as JSON.

domain.py SAM_LDB MANY SMB_CONF PASSWORD
"""

import json
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import drsblobs, drsuapi, misc
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

path, many, config, PASSWORD = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
lp = LoadParm()
lp.load(config)
sam = SamDB(url=path, session_info=system_session(), lp=lp)
base = sam.domain_dn()
staff, groups = f"OU=Staff,{base}", f"OU=Groups,{base}"


def user(name, place=staff, control=512, **more):
    entry = {
        "dn": f"CN={more.pop('cn', name)},{place}",
        "objectClass": "user",
        "sAMAccountName": name,
    }
    entry.update(more)
    sam.add(entry)
    # Without a password an account can be on only if it needs none (32).
    set_control(entry["dn"], control | 32)
    return entry["dn"]


def set_control(dn, control):
    change = ldb.Message(ldb.Dn(sam, dn))
    value = ldb.MessageElement(str(control), ldb.FLAG_MOD_REPLACE, "userAccountControl")
    change["userAccountControl"] = value
    sam.modify(change)


def group(name, members):
    entry = {"dn": f"CN={name},{groups}", "objectClass": "group", "sAMAccountName": name}
    if members:
        entry["member"] = members
    sam.add(entry)
    return entry["dn"]


sam.transaction_start()
for unit in (staff, groups, f"OU=Elsewhere,{base}"):
    sam.add({"dn": unit, "objectClass": "organizationalUnit"})
everybody = [user(f"user{number:04}") for number in range(many)]
boss = user("boss", userPrincipalName="boss@example.com", displayName="The Boss")
ann = user(
    "ann",
    cn="Smith\\, Ann",
    userPrincipalName="ann@example.com",
    mail="ann.smith@example.com",
    proxyAddresses=["SMTP:ann.smith@example.com", "smtp:ann@example.com", "X400:c=x"],
    displayName="Ann Smith",
    employeeID="0017",
    department="Research",
    title="Head",
    employeeType="Contractor",
    manager=boss,
    accountExpires="134040960000000000",
)
off = user("off", userPrincipalName="off@example.com")
bare = user("bare")
long = user("long", displayName="Ünïcödé 名前 " * 15, userPrincipalName="名前.ünï@example.com")
elsewhere = user("elsewhere", place=f"OU=Elsewhere,{base}")
gone = user("gone", mail="gone@example.com", employeeID="0042")
gone_elsewhere = user("gone-too", place=f"OU=Elsewhere,{base}")
sam.add({
    "dn": f"CN=PC1,{staff}",
    "objectClass": "computer",
    "sAMAccountName": "PC1$",
    "userAccountControl": "4096",
})
group("Everybody", everybody)
inner = group("Inner", [off, bare, f"CN=PC1,{staff}"])
middle = group("Middle", [inner])
group("Outer", [ann, middle, elsewhere])
group("Domain Folk", [f"CN=Domain Users,CN=Users,{base}"])
# A ring.
sam.modify_ldif(f"dn: {inner}\nchangetype: modify\nadd: member\nmember: {middle}\n")
reader = user("reader", place=f"CN=Users,{base}")
sam.transaction_commit()
sam.setpassword("(sAMAccountName=reader)", PASSWORD, False)
# Setting a password switches on.
sam.setpassword("(sAMAccountName=off)", PASSWORD, False)
set_control(off, 514)


def one(expression, attributes, controls=()):
    return sam.search(base, ldb.SCOPE_SUBTREE, expression, attributes, list(controls))[0]


def since(entry, attribute):
    blob = ndr_unpack(drsblobs.replPropertyMetaDataBlob, entry["replPropertyMetaData"][0])
    changed = [m.originating_change_time for m in blob.ctr.array if m.attid == attribute]
    return changed[0] // 10_000_000 - 11_644_473_600


guid = {}
for name in ("ann", "gone"):
    found = one(f"(sAMAccountName={name})", ["objectGUID"])
    guid[name] = str(ndr_unpack(misc.GUID, found["objectGUID"][0]))
sam.delete(gone)
sam.delete(gone_elsewhere)
switched_off = one("(sAMAccountName=off)", ["replPropertyMetaData"])
deleted = one("(sAMAccountName=gone)", ["replPropertyMetaData"], ["show_deleted:1"])
print(json.dumps({
    "guid": guid,
    "off_since": since(switched_off, drsuapi.DRSUAPI_ATTID_userAccountControl),
    "gone_since": since(deleted, drsuapi.DRSUAPI_ATTID_isDeleted),
}))
