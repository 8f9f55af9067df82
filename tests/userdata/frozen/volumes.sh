#cloud-boothook
#!/bin/sh
# Existing volumes, found by their ids on any bus. One that holds anything is never formatted.
(
cat >/run/ivc-volumes <<'end of ivc-volumes'
mounts() { # SERIAL PLACE FORMAT LOGICAL_VOLUME PARTITION FOLDER OPTIONS OWNER MODE
  one 11111111-2222-3333-4 /srv ext4 '' '' '' noatime app:app 0750
  one 55555555-6666-7777-8 /var/log/www '' data/log '' '' '' '' ''
}
one() {
  case $given_up in *" $2 "*) return ;; esac
  volume "$@"
  case $? in
    0) ;;
    2) later=1 failed=1 ;;
    3) later=1 ;;
    *) failed=1 given_up="$given_up$2 " ;;
  esac
}
volume() {
  mountpoint -q "$2" || bring "$@" || return
  [ -z "$9" ] || chmod "$9" "$2" || return
  # cloud-init makes users after this.
  [ -z "$8" ] || chown "$8" "$2" 2>/dev/null || return 3
}
say() { echo "ivc: $*"; }
seconds() { cut -d. -f1 /proc/uptime; }
over() { [ "$(seconds)" -ge "$until" ]; }
not_yet() { [ -n "$late" ] || say "$*, and is mounted when it does"; }
bring() {
  if [ -n "$4" ] && ! command -v vgchange >/dev/null; then
    [ -n "$late" ] || say "$2: the image has no lvm2, which the logical volume $4 needs: put it into the image, or install it"
    return 2
  fi
  disk=
  while :; do
    for link in /dev/disk/by-id/*"$1"*; do
      case $link in *-part[0-9]*) ;; *) [ -b "$link" ] && disk=$link ;; esac
    done
    [ -z "$disk" ] || break
    over && { not_yet "$2: volume $1 did not come within 120 seconds"; return 2; }
    sleep 1
  done
  if [ -n "$4" ]; then
    until [ -b "/dev/$4" ]; do
      vgchange -q -ay "${4%%/*}" >/dev/null 2>&1 && [ -b "/dev/$4" ] && break
      over && { not_yet "$2: the logical volume $4 did not come on volume $1 within 120 seconds"; return 2; }
      sleep 1
    done
    disk=/dev/$4
  elif [ -n "$5" ]; then
    [ -b "$disk-part$5" ] || udevadm settle -t 30
    disk=$disk-part$5
  elif [ -b "$disk-part1" ] && [ ! -e "$disk-part2" ]; then
    disk=$disk-part1
  fi
  [ -b "$disk" ] || { say "$2: there is no $disk on volume $1"; return 1; }
  kind=$(blkid -p -s TYPE -o value "$disk")
  if [ -z "$kind" ]; then
    # Blank: no signature of anything, and nothing but zeros at both ends.
    if [ -n "$(wipefs -n "$disk" 2>&1)" ] ||
      [ -n "$( (head -c 16777216 "$disk" && tail -c 16777216 "$disk" || echo unreadable) | tr -d '\0' | head -c 1)" ]; then
      say "$2: volume $1 holds something that is no file system, so that it is left as it is"
      return 1
    fi
    if [ -z "$3" ]; then
      say "$2: volume $1 is blank, and nothing says to format it (format_if_blank)"
      return 1
    fi
    "mkfs.$3" -q "$disk" && udevadm settle || return 1
    kind=$3
  fi
  case $kind in
    *_member | crypto_LUKS | swap) say "$2: volume $1 is $kind, which is no file system"; return 1 ;;
  esac
  id=$(blkid -p -s UUID -o value "$disk")
  [ -n "$id" ] || { say "$2: the file system of volume $1 has no UUID"; return 1; }
  # From now on the system mounts it by itself, at boot, and does not wait for one that is gone.
  if [ -z "$6" ]; then
    in_fstab "UUID=$id" "$2" "$kind" "${7:-defaults},nofail,x-systemd.device-timeout=120 0 2"
  else
    whole=/var/lib/ivc/volumes/$id
    in_fstab "UUID=$id" "$whole" "$kind" "defaults,nofail,x-systemd.device-timeout=120 0 2"
    in_fstab "$whole/$6" "$2" none "bind,${7:+$7,}nofail 0 0"
  fi
  systemctl daemon-reload
  if [ -n "$6" ]; then
    mountpoint -q "$whole" || mount "$whole" || return 1
    mkdir -p "$whole/$6" || return 1
  fi
  mountpoint -q "$2" || mount "$2" || return 1
}
in_fstab() { # SOURCE PLACE TYPE OPTIONS
  mkdir -p "$2"
  grep -qsF "$1 $2 " /etc/fstab || echo "$*" >>/etc/fstab
}
late=$1 given_up=" " failed= later= pause=5 until=$(($(seconds) + 120))
mounts
if [ -z "$late" ]; then
  # What has not come yet is waited for beside the rest of the boot.
  [ -z "$later" ] || systemd-run --quiet --no-block --collect --unit=ivc-volumes sh /run/ivc-volumes late
  [ -z "$failed" ]
  exit
fi
until=0
while [ -n "$later" ]; do
  sleep $pause
  [ $pause -ge 20 ] || pause=$((pause + 5))
  later= failed=
  mounts
done
end of ivc-volumes
sh /run/ivc-volumes
) || trap 'exit 1' EXIT # whatever is run below, cloud-init is to say that this failed
