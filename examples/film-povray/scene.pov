// Iron and ether, in POV-Ray: three iron gear rings swing into one plane and the star between them
// ignites. Everything is made here. One frame:
//   povray +Iscene.pov Declare=Frame=7 Declare=Length=24 +W320 +H180 +Oframe_0007.png
#version 3.7;

#ifndef (Frame) #declare Frame = 24; #end
#ifndef (Length) #declare Length = 24; #end
#declare Time = min(max((Frame - 1) / max(Length - 1, 1), 0), 1);

#macro Smooth(Low, High, Value)
    #local X = min(max((Value - Low) / (High - Low), 0), 1);
    (X * X * (3 - 2 * X))
#end
#macro Mix(A, B, Amount) (A + (B - A) * Amount) #end

#declare Fire = Smooth(0.12, 0.95, Time);
#declare Closed = Smooth(0.05, 0.92, Time);
#declare Along = Smooth(0, 1, Time);
#declare Lamps = 24;

global_settings { assumed_gamma 1.0 max_trace_level 4 }

// --- surfaces ------------------------------------------------------------------------------

#macro Iron(Clean, Rust, Shine)
    texture {
        pigment {
            bozo scale 0.5 turbulence 0.6 octaves 4
            color_map {
                [0.0 rgb Clean] [0.52 rgb Clean * 0.9] [0.70 rgb Rust] [1.0 rgb Rust * 0.7]
            }
        }
        normal { bumps 0.10 scale 0.035 }
        finish {
            ambient 0 diffuse 0.55 brilliance 1.6
            specular Shine roughness 0.03 metallic
            reflection { 0.06, 0.18 metallic }
        }
    }
#end
#declare BrightIron = Iron(<0.62, 0.57, 0.50>, <0.40, 0.22, 0.11>, 0.9)
#declare ForgedIron = Iron(<0.44, 0.42, 0.40>, <0.30, 0.145, 0.07>, 0.7)
#declare DarkIron = Iron(<0.30, 0.31, 0.33>, <0.25, 0.12, 0.06>, 0.6)
#declare Stone = texture {
    pigment {
        bozo scale 0.45 turbulence 0.5
        color_map { [0.0 rgb <0.24, 0.21, 0.19>] [1.0 rgb <0.15, 0.075, 0.04>] }
    }
    normal { granite 0.55 scale 0.7 }
    finish { ambient 0 diffuse 0.7 specular 0.15 roughness 0.08 }
}

// --- sky -----------------------------------------------------------------------------------

sky_sphere {
    pigment {
        bozo turbulence 0.9 octaves 5 omega 0.55 scale <0.9, 0.5, 0.9> translate 3.7
        color_map {
            [0.00 rgb <0.0015, 0.002, 0.006>] [0.45 rgb <0.002, 0.003, 0.009>]
            [0.70 rgb <0.003, 0.009, 0.024>] [0.88 rgb <0.008, 0.028, 0.060>]
            [1.00 rgb <0.016, 0.055, 0.090>]
        }
    }
    pigment {
        bozo turbulence 0.8 octaves 5 scale 0.7 translate <9.2, 1.3, 4.4>
        color_map {
            [0.00 rgbt <0, 0, 0, 1>] [0.52 rgbt <0, 0, 0, 1>]
            [0.72 rgbt <0.030, 0.009, 0.004, 0.5>] [1.0 rgbt <0.075, 0.022, 0.008, 0.2>]
        }
    }
}

#declare Dice = seed(1610);
#declare StarCount = 1500;
#for (I, 1, StarCount)
    #local Up = rand(Dice) * 2 - 1;
    #local Angle = rand(Dice) * 2 * pi;
    #local Flat = sqrt(1 - Up * Up);
    #local Glow = pow(rand(Dice), 4);
    #local Warm = rand(Dice);
    sphere {
        <Flat * cos(Angle), Up, Flat * sin(Angle)> * 200, 0.16 + 0.40 * Glow
        pigment { rgb Mix(<1.0, 0.78, 0.55>, <0.62, 0.80, 1.0>, Warm) }
        finish { ambient 0 diffuse 0 emission 0.45 + 1.4 * Glow }
        no_shadow no_reflection
    }
#end

// --- the machine: gear rings, flat in x and z, that turn about y -------------------------------

#macro GearRing(Inner, Outer, Height, Teeth, Depth)
    union {
        difference {
            cylinder { <0, -Height / 2, 0>, <0, Height / 2, 0>, Outer }
            cylinder { <0, -Height, 0>, <0, Height, 0>, Inner }
            torus { (Inner + Outer) / 2, 0.022 scale <1, 0.8, 1> translate y * Height / 2 }
            torus { (Inner + Outer) / 2, 0.022 scale <1, 0.8, 1> translate -y * Height / 2 }
        }
        #local Half = pi * Outer / Teeth * 0.56;
        #for (Tooth, 0, Teeth - 1)
            prism {
                linear_sweep linear_spline -Height / 2, Height / 2, 5,
                <Outer - 0.02, -Half>, <Outer + Depth, -Half * 0.62>,
                <Outer + Depth, Half * 0.62>, <Outer - 0.02, Half>, <Outer - 0.02, -Half>
                rotate y * (360 * Tooth / Teeth)
            }
        #end
    }
#end

#macro Lamp(Index, Radius, Height)
    #local Lit = (Index < Lamps * Time + 0.001);
    union {
        sphere { <Radius, Height / 2, 0>, 0.045 }
        sphere { <Radius, -Height / 2, 0>, 0.045 }
        #if (Lit)
            pigment { rgb <1.0, 0.58, 0.20> }
            finish { ambient 0 diffuse 0 emission 1.7 }
            no_shadow
        #else
            texture { DarkIron }
        #end
        rotate -y * (360 * (Index + 0.5) / Lamps)
    }
#end

#macro Tilt(First) Mix(First, <9, 0, -7>, Closed) #end

object {
    GearRing(0.78, 0.94, 0.20, 24, 0.08)
    texture { BrightIron }
    rotate -y * 360 * 0.34 * Time rotate Tilt(<78, 0, 24>)
}
object {
    GearRing(1.16, 1.36, 0.24, 36, 0.09)
    texture { ForgedIron }
    rotate y * 360 * 0.24 * Time rotate Tilt(<-64, 20, 38>)
}
union {
    object { GearRing(1.62, 1.92, 0.26, 48, 0.11) texture { DarkIron } }
    #for (I, 0, Lamps - 1) Lamp(I, 1.77, 0.26) #end
    rotate -y * 360 * 0.16 * Time rotate Tilt(<38, 10, -46>)
}

// --- the star, and the air of light around it ------------------------------------------------

#declare DarkUntil = Mix(0.46, 0.05, Fire);
sphere {
    0, 0.44
    pigment {
        bozo scale 0.24 turbulence 0.7 octaves 5 translate <0.6, -0.8, 0.3> * Time
        color_map {
            [0.0 rgb <0.002, 0.008, 0.020>]
            [DarkUntil rgb <0.004, 0.012, 0.030>]
            [DarkUntil + 0.10 rgb <0.03, 0.22, 0.60>]
            [DarkUntil + 0.24 rgb <0.35, 0.78, 1.0>]
            [min(DarkUntil + 0.42, 1) rgb <0.95, 0.98, 1.0>]
            [1.0 rgb <1, 1, 1>]
        }
    }
    finish { ambient 0 diffuse 0 emission Mix(0.9, 1.25, Fire) }
    no_shadow
    rotate y * 126 * Time
}

#macro Halo(Radius, Strength)
    sphere {
        0, Radius
        pigment { rgbt 1 }
        finish { ambient 0 diffuse 0 }
        interior {
            media {
                emission <0.30, 0.62, 1.0> * Strength
                method 3 samples 6 intervals 1
                density { spherical scale Radius poly_wave 2.4 }
            }
        }
        hollow no_shadow no_reflection
    }
#end
Halo(1.55, Mix(0.08, 0.75, Fire))

light_source {
    0, rgb <0.55, 0.80, 1.0> * Mix(0.28, 2.1, Fire)
    fade_distance 1.1 fade_power 2
}

// --- meteorites ------------------------------------------------------------------------------

#macro Rock(Seed)
    #local R = seed(Seed);
    blob {
        threshold 0.5
        #for (I, 1, 9)
            sphere {
                <rand(R) - 0.5, rand(R) - 0.5, rand(R) - 0.5> * 1.15,
                0.62 + 0.5 * rand(R), 0.75 + 0.4 * rand(R)
            }
        #end
        sphere { <0.7 * rand(R), 0.5, 0.6 * rand(R)>, 0.6, -0.7 }
        texture { Stone }
    }
#end
#declare Rocks = array[4];
#for (I, 0, 3) #declare Rocks[I] = Rock(31 + I) #end
#declare Spread = seed(77);
#for (I, 0, 59)
    #local Distance = 2.6 + 4.9 * rand(Spread);
    #local Angle = rand(Spread) * 360 + 60 * Time / pow(Distance, 1.5) * 2;
    #local Size = 0.035 + 0.11 * pow(rand(Spread), 1.5);
    #local Lift = (rand(Spread) + rand(Spread) - 1) * (0.4 + Distance / 6);
    object {
        Rocks[mod(I, 4)]
        rotate <rand(Spread), rand(Spread), rand(Spread)> * 360 + <70, 40, 0> * Time
        scale Size
        translate <Distance, Lift, 0>
        rotate -y * Angle
    }
#end
object {
    Rocks[1]
    rotate <40 + 20 * Time, 17, 29 * Time>
    scale 0.52
    translate <2.75 - 0.35 * Time, -1.0 + 0.1 * Time, -2.9>
}

// --- light and camera ------------------------------------------------------------------------

light_source { <9, 6, 11> * 20, rgb <1.0, 0.74, 0.48> * 1.9 }
light_source { <-1.5, 6, 4> * 4, rgb <0.55, 0.68, 0.95> * Mix(0.9, 1.25, Fire) shadowless }
light_source { <-6, 3, -6> * 4, rgb <0.30, 0.42, 0.70> * 0.22 shadowless }

#declare Azimuth = radians(Mix(-112, -76, Along));
#declare Elevation = radians(Mix(11, 31, Along));
#declare Range = Mix(8.7, 6.9, Along);
camera {
    location <cos(Elevation) * cos(Azimuth), sin(Elevation), cos(Elevation) * sin(Azimuth)> * Range
    right x * image_width / image_height
    up y
    angle 46
    look_at <0.12, Mix(0.06, -0.06, Along), 0>
}
