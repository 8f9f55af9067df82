# The example four-nodes as a competent person writes it by hand: `bench.examples` deploys it beside IvC's.

terraform {
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "3.4.0"
    }
  }
}

provider "openstack" {}

variable "database_password" {
  type        = string
  sensitive   = true
  description = "What the back end shows to MySQL"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{16,64}$", var.database_password))
    error_message = "The password has 16 to 64 letters, digits, - and _: openssl rand -hex 24."
  }
}

locals {
  image = "Debian 12"

  servers = {
    web-ui-1   = { group = "web-ui", flavor = "d2-2", internet = true }
    rest-1     = { group = "rest", flavor = "d2-2", internet = true, address = "10.0.0.11" }
    back-end-1 = { group = "back-end", flavor = "d2-4", address = "10.0.0.21" }
    mysql-1    = { group = "mysql", flavor = "b2-7", address = "10.0.0.31", volume = true }
  }

  groups   = toset([for server in local.servers : server.group])
  families = ["IPv4", "IPv6"]

  flows = [
    { group = "web-ui", port = 80 },
    { group = "web-ui", port = 443 },
    { group = "rest", port = 443 },
    { group = "back-end", port = 8080, peer = "rest" },
    { group = "mysql", port = 3306, peer = "back-end" },
  ]

  # What a server asks while it boots: names, time, packages, its address.
  booting = concat(
    [for family in local.families : { family = family, protocol = "tcp", port = 53 }],
    [for family in local.families : { family = family, protocol = "tcp", port = 80 }],
    [for family in local.families : { family = family, protocol = "tcp", port = 443 }],
    [for family in local.families : { family = family, protocol = "udp", port = 53 }],
    [for family in local.families : { family = family, protocol = "udp", port = 123 }],
    [{ family = "IPv4", protocol = "udp", port = 67 }, { family = "IPv6", protocol = "udp", port = 547 }],
  )

  rules = concat(
    [for pair in setproduct(local.flows, local.families) : merge(
      pair[0], { direction = "ingress", family = pair[1], protocol = "tcp" }
    )],
    [for pair in setproduct([for flow in local.flows : flow if can(flow.peer)], local.families) : {
      group = pair[0].peer, direction = "egress", family = pair[1], protocol = "tcp", port = pair[0].port, peer = pair[0].group
    }],
    [for pair in setproduct(local.groups, local.booting) : merge(pair[1], { group = pair[0], direction = "egress" })],
  )
}

data "openstack_images_image_v2" "debian" {
  name        = local.image
  most_recent = true
}

data "openstack_compute_flavor_v2" "flavor" {
  for_each = toset([for server in local.servers : server.flavor])

  name = each.key
}

data "openstack_networking_network_v2" "internet" {
  name = "Ext-Net"
}

data "openstack_blockstorage_volume_v3" "mysql" {
  name = "mysql"
}

resource "openstack_networking_network_v2" "private" {
  name = "private"
}

resource "openstack_networking_subnet_v2" "private" {
  name       = "private"
  network_id = openstack_networking_network_v2.private.id
  cidr       = "10.0.0.0/24"
  no_gateway = true
}

resource "openstack_networking_secgroup_v2" "group" {
  for_each = local.groups

  name                 = each.key
  delete_default_rules = true
}

resource "openstack_networking_secgroup_rule_v2" "rule" {
  for_each = {
    for rule in local.rules :
    join("-", [rule.group, rule.direction, rule.protocol, rule.port, try(rule.peer, "any"), rule.family]) => rule
  }

  security_group_id = openstack_networking_secgroup_v2.group[each.value.group].id
  direction         = each.value.direction
  ethertype         = each.value.family
  protocol          = each.value.protocol
  port_range_min    = each.value.port
  port_range_max    = each.value.port
  remote_group_id   = try(openstack_networking_secgroup_v2.group[each.value.peer].id, null)
}

resource "openstack_networking_port_v2" "internet" {
  for_each = { for name, server in local.servers : name => server if can(server.internet) }

  name               = "${each.key}_Ext-Net"
  network_id         = data.openstack_networking_network_v2.internet.id
  security_group_ids = [openstack_networking_secgroup_v2.group[each.value.group].id]
}

resource "openstack_networking_port_v2" "private" {
  for_each = { for name, server in local.servers : name => server if can(server.address) }

  name               = "${each.key}_private"
  network_id         = openstack_networking_network_v2.private.id
  security_group_ids = [openstack_networking_secgroup_v2.group[each.value.group].id]

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.private.id
    ip_address = each.value.address
  }
}

resource "terraform_data" "image" {
  input = local.image
}

resource "openstack_compute_instance_v2" "server" {
  for_each = local.servers

  name                = each.key
  image_id            = data.openstack_images_image_v2.debian.id
  flavor_id           = data.openstack_compute_flavor_v2.flavor[each.value.flavor].id
  key_pair            = "ops"
  config_drive        = true
  stop_before_destroy = can(each.value.volume)
  user_data = replace(
    replace(file("${path.module}/userdata/${each.key}"), "<var.database_password>", var.database_password),
    "<serial of volume mysql>", substr(data.openstack_blockstorage_volume_v3.mysql.id, 0, 20)
  )

  dynamic "network" {
    for_each = [
      for ports in [openstack_networking_port_v2.internet, openstack_networking_port_v2.private] :
      ports[each.key].id if contains(keys(ports), each.key)
    ]
    content {
      port = network.value
    }
  }

  # With a volume at birth the image's disk must be said, too.
  dynamic "block_device" {
    for_each = can(each.value.volume) ? [
      { type = "image", to = "local", id = data.openstack_images_image_v2.debian.id },
      { type = "volume", to = "volume", id = data.openstack_blockstorage_volume_v3.mysql.id },
    ] : []
    content {
      source_type           = block_device.value.type
      destination_type      = block_device.value.to
      uuid                  = block_device.value.id
      boot_index            = -block_device.key
      delete_on_termination = block_device.value.type == "image"
    }
  }

  lifecycle {
    # A newer image of the same name replaces no server, another name does.
    ignore_changes       = [image_id, block_device[0].uuid]
    replace_triggered_by = [terraform_data.image]
  }
}

output "instances" {
  value = {
    for name, server in openstack_compute_instance_v2.server : name => {
      id = server.id
      addresses = {
        internet = sort(try(openstack_networking_port_v2.internet[name].all_fixed_ips, []))
        private  = sort(try(openstack_networking_port_v2.private[name].all_fixed_ips, []))
      }
    }
  }
}
