"""Iron and ether: three iron gear rings swing into one plane and the star between them ignites.

Runs inside Blender and renders one frame; everything in the picture is made here, from nothing:

    blender --background --factory-startup --python-exit-code 1 --python scene.py -- \
        --frame 7 --output 'frames/frame_####.png'

The frame is rendered to a hidden name beside its place and renamed, so a file with the right name
is always a whole picture.
"""

import argparse
import math
import os
import random
import re
import sys

import bpy
from mathutils import Euler, Vector, noise

TEETH_PER_LAMP = 2
LAMPS = 24


def parse_arguments():
    own = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(prog="scene.py", description="renders one frame of the film")
    parser.add_argument("--frame", type=int, required=True, help="which frame, counted from 1")
    parser.add_argument("--length", type=int, default=24, help="frames from dark to bright")
    parser.add_argument("--output", required=True, help="a .png; #### is the frame")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(own)


def smooth(low, high, value):
    """0 below `low`, 1 above `high`, an even S between them."""
    x = min(max((value - low) / (high - low), 0.0), 1.0)
    return x * x * (3 - 2 * x)


def mix(a, b, amount):
    return a + (b - a) * amount


# --- shapes ------------------------------------------------------------------------------------


def add_object(name, vertices, faces, material, smooth_shading=False):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    mesh.materials.append(material)
    for polygon in mesh.polygons:
        polygon.use_smooth = smooth_shading
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(thing)
    return thing


def gear_profile(outer, depth, teeth):
    """(angle, radius) once round the toothed rim: root, flank, tip, flank."""
    step = 2 * math.pi / teeth
    for tooth in range(teeth):
        start = tooth * step
        for share, radius in ((0.00, outer), (0.20, outer), (0.40, outer), (0.52, outer + depth),
                              (0.70, outer + depth), (0.88, outer + depth)):
            yield start + share * step, radius


def add_gear_ring(name, inner, outer, height, teeth, depth, material):
    """A flat ring with teeth outside; four loops of vertices: inner and outer, below and above."""
    profile = list(gear_profile(outer, depth, teeth))
    count = len(profile)
    vertices = []
    for radius_of in (lambda r: inner, lambda r: r):
        for z in (-height / 2, height / 2):
            vertices += [(radius_of(r) * math.cos(a), radius_of(r) * math.sin(a), z)
                         for a, r in profile]
    faces = []
    for i in range(count):
        j = (i + 1) % count
        inner_low, inner_high, outer_low, outer_high = (
            (loop * count + i, loop * count + j) for loop in range(4))
        faces.append((outer_low[0], outer_low[1], outer_high[1], outer_high[0]))
        faces.append((inner_low[1], inner_low[0], inner_high[0], inner_high[1]))
        faces.append((inner_high[0], outer_high[0], outer_high[1], inner_high[1]))
        faces.append((outer_low[0], inner_low[0], inner_low[1], outer_low[1]))
    ring = add_object(name, vertices, faces, material)
    bevel = ring.modifiers.new("bevel", "BEVEL")
    bevel.width = 0.014
    bevel.segments = 1
    bevel.limit_method = "ANGLE"
    return ring


def add_rock(name, radius, seed, material):
    """A meteorite: a sphere pushed in and out by three octaves of noise."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=4, radius=1)
    rock = bpy.context.object
    rock.name = name
    offset = Vector((seed * 7.31, seed * 3.17, seed * 1.71))
    for vertex in rock.data.vertices:
        at = vertex.co.copy()
        bumps = (0.42 * noise.noise(at * 0.9 + offset)
                 + 0.20 * noise.noise(at * 2.1 + offset)
                 + 0.08 * noise.noise(at * 5.0 + offset))
        dents = -0.16 * max(0.0, 0.45 - noise.voronoi(at * 1.6 + offset)[0][0])
        vertex.co = at * radius * (1 + bumps + dents)
    for polygon in rock.data.polygons:
        polygon.use_smooth = True
    rock.data.materials.append(material)
    return rock


# --- surfaces ----------------------------------------------------------------------------------


class Shader:
    """A few words over Blender's node trees."""

    def __init__(self, tree):
        self.tree = tree
        self.tree.nodes.clear()

    def node(self, kind, **settings):
        made = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(made, name, value)
        return made

    def link(self, source, target):
        self.tree.links.new(source, target)

    def noise(self, vector, scale, detail=4.0, roughness=0.6):
        texture = self.node("ShaderNodeTexNoise")
        texture.inputs["Scale"].default_value = scale
        texture.inputs["Detail"].default_value = detail
        texture.inputs["Roughness"].default_value = roughness
        self.link(vector, texture.inputs["Vector"])
        return texture.outputs["Fac"]

    def ramp(self, value, stops):
        ramp = self.node("ShaderNodeValToRGB")
        elements = ramp.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, colour) in zip(elements, stops):
            element.position = position
            element.color = (*colour, 1)
        self.link(value, ramp.inputs["Fac"])
        return ramp.outputs["Color"]


def iron_material(name, clean, rust, rust_from, roughness, bump):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = Shader(material.node_tree)
    place = shader.node("ShaderNodeTexCoord").outputs["Object"]
    patches = shader.noise(place, 2.6, 6.0, 0.65)
    grain = shader.noise(place, 7.0, 3.0, 0.55)
    surface = shader.node("ShaderNodeBsdfPrincipled")
    surface.inputs["Metallic"].default_value = 1.0
    shader.link(shader.ramp(patches, [(rust_from, clean), (rust_from + 0.14, rust)]),
                surface.inputs["Base Color"])
    low, high = roughness
    shader.link(shader.ramp(grain, [(0.3, (low,) * 3), (0.7, (high,) * 3)]),
                surface.inputs["Roughness"])
    bumps = shader.node("ShaderNodeBump")
    bumps.inputs["Strength"].default_value = bump
    bumps.inputs["Distance"].default_value = 0.04
    shader.link(grain, bumps.inputs["Height"])
    shader.link(bumps.outputs["Normal"], surface.inputs["Normal"])
    out = shader.node("ShaderNodeOutputMaterial")
    shader.link(surface.outputs["BSDF"], out.inputs["Surface"])
    return material


def glow_material(name, colour, strength):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = Shader(material.node_tree)
    light = shader.node("ShaderNodeEmission")
    light.inputs["Color"].default_value = (*colour, 1)
    light.inputs["Strength"].default_value = strength
    out = shader.node("ShaderNodeOutputMaterial")
    shader.link(light.outputs["Emission"], out.inputs["Surface"])
    return material


def star_material(fire, time):
    """Glowing veins over a dark crust at first; all of it white-blue at the end."""
    material = bpy.data.materials.new("star")
    material.use_nodes = True
    shader = Shader(material.node_tree)
    coordinate = shader.node("ShaderNodeTexCoord").outputs["Object"]
    drift = shader.node("ShaderNodeMapping")
    drift.inputs["Location"].default_value = (time * 0.6, time * 0.3, -time * 0.8)
    shader.link(coordinate, drift.inputs["Vector"])
    veins = shader.noise(drift.outputs["Vector"], 3.2, 6.0, 0.62)
    dark_until = mix(0.50, 0.20, fire)
    colours = shader.ramp(veins, [
        (dark_until, (0.001, 0.004, 0.010)),
        (dark_until + 0.10, (0.02, 0.16, 0.42)),
        (dark_until + 0.24, (0.30, 0.72, 1.0)),
        (min(dark_until + 0.40, 1.0), (0.92, 0.97, 1.0)),
    ])
    light = shader.node("ShaderNodeEmission")
    shader.link(colours, light.inputs["Color"])
    light.inputs["Strength"].default_value = mix(2.2, 3.4, fire)
    out = shader.node("ShaderNodeOutputMaterial")
    shader.link(light.outputs["Emission"], out.inputs["Surface"])
    return material


def build_sky(world, fire):
    """Stars and two veils of nebula; only the camera sees them, so that they cost no noise."""
    world.use_nodes = True
    shader = Shader(world.node_tree)
    direction = shader.node("ShaderNodeTexCoord").outputs["Generated"]

    cells = shader.node("ShaderNodeTexVoronoi", feature="F1")
    cells.inputs["Scale"].default_value = 70.0
    shader.link(direction, cells.inputs["Vector"])
    points = shader.ramp(cells.outputs["Distance"], [
        (0.0, (1.0, 1.0, 1.0)), (0.035, (0.3, 0.3, 0.3)), (0.07, (0.0, 0.0, 0.0))])
    brightness = shader.node("ShaderNodeMath", operation="POWER")
    hue = shader.node("ShaderNodeSeparateColor")
    shader.link(cells.outputs["Color"], hue.inputs["Color"])
    shader.link(hue.outputs["Red"], brightness.inputs[0])
    brightness.inputs[1].default_value = 5.0
    tint = shader.ramp(hue.outputs["Green"], [
        (0.0, (1.0, 0.72, 0.45)), (0.4, (1.0, 0.97, 0.92)), (1.0, (0.55, 0.75, 1.0))])
    stars = shader.node("ShaderNodeMixRGB", blend_type="MULTIPLY")
    stars.inputs["Fac"].default_value = 1.0
    shader.link(points, stars.inputs["Color1"])
    shader.link(tint, stars.inputs["Color2"])
    star_light = shader.node("ShaderNodeVectorMath", operation="SCALE")
    shader.link(stars.outputs["Color"], star_light.inputs[0])
    shader.link(brightness.outputs["Value"], star_light.inputs["Scale"])
    star_boost = shader.node("ShaderNodeVectorMath", operation="SCALE")
    star_boost.inputs["Scale"].default_value = 9.0
    shader.link(star_light.outputs["Vector"], star_boost.inputs[0])

    blue = shader.ramp(shader.noise(direction, 1.7, 7.0, 0.62), [
        (0.44, (0.0015, 0.002, 0.005)), (0.62, (0.010, 0.034, 0.075)), (0.80, (0.05, 0.18, 0.28))])
    ember = shader.ramp(shader.noise(direction, 2.3, 6.0, 0.6), [
        (0.50, (0.0, 0.0, 0.0)), (0.66, (0.050, 0.014, 0.006)), (0.80, (0.20, 0.06, 0.02))])
    veils = shader.node("ShaderNodeVectorMath", operation="ADD")
    shader.link(blue, veils.inputs[0])
    shader.link(ember, veils.inputs[1])
    sky = shader.node("ShaderNodeVectorMath", operation="ADD")
    shader.link(star_boost.outputs["Vector"], sky.inputs[0])
    shader.link(veils.outputs["Vector"], sky.inputs[1])

    seen = shader.node("ShaderNodeBackground")
    shader.link(sky.outputs["Vector"], seen.inputs["Color"])
    felt = shader.node("ShaderNodeBackground")
    felt.inputs["Color"].default_value = (0.030, 0.045, 0.075, 1)
    felt.inputs["Strength"].default_value = mix(0.7, 0.9, fire)
    choice = shader.node("ShaderNodeMixShader")
    shader.link(shader.node("ShaderNodeLightPath").outputs["Is Camera Ray"], choice.inputs["Fac"])
    shader.link(felt.outputs["Background"], choice.inputs[1])
    shader.link(seen.outputs["Background"], choice.inputs[2])
    out = shader.node("ShaderNodeOutputWorld")
    shader.link(choice.outputs["Shader"], out.inputs["Surface"])


# --- the film ----------------------------------------------------------------------------------


def seen_by_camera_only(thing):
    for kind in ("diffuse", "glossy", "transmission", "volume_scatter", "shadow"):
        setattr(thing, "visible_" + kind, False)


def add_lamps(ring, radius, height, lit):
    """Studs on both faces of the outer ring; one more is alight with every frame."""
    on = glow_material("lamp on", (1.0, 0.50, 0.14), 9.0)
    off = bpy.data.materials.get("dark iron")
    for index in range(LAMPS):
        angle = 2 * math.pi * (index + 0.5) / LAMPS
        for side in (-1, 1):
            bpy.ops.mesh.primitive_uv_sphere_add(segments=12, ring_count=8, radius=0.042)
            lamp = bpy.context.object
            lamp.data.materials.append(on if index < lit else off)
            lamp.parent = ring
            lamp.location = (radius * math.cos(angle), radius * math.sin(angle), side * height / 2)
            seen_by_camera_only(lamp)


def add_machine(time, fire):
    forged = iron_material("forged iron", (0.44, 0.42, 0.40), (0.30, 0.145, 0.07), 0.54,
                           (0.30, 0.46), 0.16)
    dark = iron_material("dark iron", (0.28, 0.29, 0.31), (0.24, 0.12, 0.06), 0.57,
                         (0.34, 0.50), 0.18)
    bright = iron_material("bright iron", (0.62, 0.57, 0.50), (0.42, 0.24, 0.12), 0.60,
                           (0.24, 0.40), 0.10)
    closed = smooth(0.05, 0.92, time)
    # name, inner and outer radius, height, teeth, tooth depth, surface, first tilt, turns
    rows = (
        ("inner", 0.78, 0.94, 0.20, 24, 0.07, bright, (78, 24, 0), -0.34),
        ("middle", 1.16, 1.36, 0.24, 36, 0.08, forged, (-64, 38, 20), 0.24),
        ("outer", 1.62, 1.92, 0.26, LAMPS * TEETH_PER_LAMP, 0.10, dark, (38, -46, 10), -0.16),
    )
    for name, inner, outer, height, teeth, depth, material, tilt, turns in rows:
        pivot = bpy.data.objects.new(name + " pivot", None)
        bpy.context.collection.objects.link(pivot)
        rest = (9, -7, 0)
        pivot.rotation_euler = Euler([math.radians(mix(a, b, closed)) for a, b in zip(tilt, rest)])
        ring = add_gear_ring(name, inner, outer, height, teeth, depth, material)
        ring.parent = pivot
        ring.rotation_euler.z = 2 * math.pi * turns * time
        if name == "outer":
            add_lamps(ring, (inner + outer) / 2, height, round(LAMPS * time))


def add_star(time, fire):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24, radius=0.44)
    star = bpy.context.object
    bpy.ops.object.shade_smooth()
    star.rotation_euler = (0.4, 0.2, time * 2.2)
    star.data.materials.append(star_material(fire, time))
    seen_by_camera_only(star)
    light = bpy.data.lights.new("star light", "POINT")
    light.energy = mix(16, 170, fire)
    light.color = (0.50, 0.76, 1.0)
    light.shadow_soft_size = 0.40
    bpy.context.collection.objects.link(bpy.data.objects.new("star light", light))


def add_belt(time):
    """Meteorites that drift past; five shapes, placed many times."""
    stone = iron_material("meteorite", (0.20, 0.18, 0.17), (0.17, 0.085, 0.045), 0.50,
                          (0.42, 0.72), 0.8)
    shapes = [add_rock(f"rock {i}", 1.0, i + 1, stone) for i in range(5)]
    dice = random.Random(1610)
    for index in range(64):
        angle = dice.uniform(0, 2 * math.pi)
        distance = dice.uniform(2.7, 7.5)
        rock = bpy.data.objects.new(f"meteorite {index}", shapes[index % len(shapes)].data)
        bpy.context.collection.objects.link(rock)
        rock.scale = [dice.uniform(0.035, 0.17) * dice.uniform(0.8, 1.25)] * 3
        angle += time * 1.1 / distance ** 1.5 * 2
        rock.location = (distance * math.cos(angle), distance * math.sin(angle),
                         dice.gauss(0, 0.32) * (0.5 + distance / 6))
        rock.rotation_euler = [dice.uniform(0, 6.3) + time * dice.uniform(-2, 2) for _ in range(3)]
    for shape in shapes:
        bpy.data.objects.remove(shape)
    near = add_rock("near meteorite", 0.62, 9, stone)
    near.location = (2.55 - 0.35 * time, -2.75, -0.78 + 0.10 * time)
    near.rotation_euler = (0.7 + 0.35 * time, 0.3, 0.5 + 0.5 * time)


def add_lights(fire):
    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy = 3.4
    sun.color = (1.0, 0.74, 0.48)
    sun.angle = math.radians(2)
    far = bpy.data.objects.new("sun", sun)
    far.rotation_euler = (math.radians(64), 0, math.radians(128))
    bpy.context.collection.objects.link(far)
    fill = bpy.data.lights.new("fill", "AREA")
    fill.energy = mix(230, 300, fire)
    fill.size = 6
    fill.color = (0.55, 0.70, 1.0)
    soft = bpy.data.objects.new("fill", fill)
    soft.location = (-1.5, 6.5, 5.0)
    soft.rotation_euler = (Vector((0, 0, 0)) - soft.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(soft)


def add_camera(scene, time):
    camera = bpy.data.cameras.new("camera")
    camera.lens = 42
    eye = bpy.data.objects.new("camera", camera)
    along = smooth(0, 1, time)
    azimuth = math.radians(mix(-112, -76, along))
    height = math.radians(mix(11, 31, along))
    distance = mix(8.7, 6.9, along)
    eye.location = (distance * math.cos(height) * math.cos(azimuth),
                    distance * math.cos(height) * math.sin(azimuth),
                    distance * math.sin(height))
    aim = Vector((0.12, 0, mix(0.06, -0.06, along))) - eye.location
    eye.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    bpy.context.collection.objects.link(eye)
    scene.camera = eye


def add_glow(scene, fire):
    """Light that spills over in the lens, added after rendering."""
    scene.use_nodes = True
    shader = Shader(scene.node_tree)
    picture = shader.node("CompositorNodeRLayers")
    halo = shader.node("CompositorNodeGlare", glare_type="FOG_GLOW", quality="HIGH", size=8,
                       threshold=1.2, mix=mix(-0.6, -0.45, fire))
    fringe = shader.node("CompositorNodeLensdist", use_fit=True)
    fringe.inputs["Dispersion"].default_value = 0.012
    out = shader.node("CompositorNodeComposite")
    shader.link(picture.outputs["Image"], halo.inputs["Image"])
    shader.link(halo.outputs["Image"], fringe.inputs["Image"])
    shader.link(fringe.outputs["Image"], out.inputs["Image"])


def set_up_cycles(scene, arguments):
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = arguments.samples
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.adaptive_threshold = 0.03
    # Not every build has the denoiser, and a scene that asks for it then fails.
    scene.cycles.use_denoising = False
    scene.cycles.seed = arguments.frame
    scene.cycles.max_bounces = 3
    scene.cycles.diffuse_bounces = 1
    scene.cycles.glossy_bounces = 2
    scene.cycles.sample_clamp_indirect = 1.5
    scene.cycles.blur_glossy = 1.0
    scene.cycles.caustics_reflective = False
    scene.world.cycles.sampling_method = "NONE"
    scene.render.threads_mode = "FIXED"
    scene.render.threads = arguments.threads
    scene.render.resolution_x = arguments.width
    scene.render.resolution_y = arguments.height
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.view_settings.view_transform = "Filmic"
    set_look(scene, "Medium High Contrast")


def set_look(scene, name):
    """Blender 4 puts the view's name in front."""
    for look in (name, f"{scene.view_settings.view_transform} - {name}"):
        try:
            scene.view_settings.look = look
            return
        except TypeError:
            pass


def build(arguments):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.frame_set(arguments.frame)
    scene.world = bpy.data.worlds.new("ether")
    time = min(max((arguments.frame - 1) / max(arguments.length - 1, 1), 0.0), 1.0)
    fire = smooth(0.12, 0.95, time)
    set_up_cycles(scene, arguments)
    build_sky(scene.world, fire)
    add_machine(time, fire)
    add_star(time, fire)
    add_belt(time)
    add_lights(fire)
    add_camera(scene, time)
    add_glow(scene, fire)
    return scene


def numbered(pattern, frame):
    """frame_####.png and 7 give frame_0007.png."""
    return re.sub("#+", lambda hashes: str(frame).zfill(len(hashes[0])), pattern)


def render(scene, output):
    folder, name = os.path.split(os.path.abspath(output))
    os.makedirs(folder, exist_ok=True)
    unfinished = os.path.join(folder, f".{os.getpid()}-{name}")
    scene.render.use_file_extension = False
    scene.render.filepath = unfinished
    try:
        bpy.ops.render.render(write_still=True)
        if os.path.getsize(unfinished) == 0:
            raise RuntimeError(f"{unfinished}: Blender wrote an empty picture; is the disk full?")
        os.replace(unfinished, os.path.join(folder, name))
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)


def main():
    arguments = parse_arguments()
    scene = build(arguments)
    output = numbered(arguments.output, arguments.frame)
    render(scene, output)
    print(f"frame {arguments.frame}: {output}", flush=True)


main()
